/** What is wrong with one thing in an archive, where, and what can be done about it. */
export interface ItemProblem {
  /** Name within the archive. */
  readonly file: string
  /** 1 for the first line; only for text files. */
  readonly line?: number
  /** Where in the file, e.g. object/bndbox/xmax. */
  readonly field?: string
  /** What stands there. */
  readonly found?: string
  /** Continues "<field> <found> ...", e.g. "is not greater than xmin 181". */
  readonly problem: string
  readonly remedy: string
}

/** SKIPPED: left out, the rest was imported. REFUSED: because of it nothing was imported. */
export type Outcome = 'SKIPPED' | 'REFUSED'

export interface ImportProblem extends ItemProblem {
  readonly outcome: Outcome
}

/** One item of an archive cannot be imported: the policy says whether it is skipped or the import refused. */
export class BadItem extends Error {
  readonly code = 'BAD_ITEM'
  constructor(readonly problem: ItemProblem) {
    super(describeProblem(problem))
  }
}

/** The archive as a whole cannot be imported, whatever the policy. */
export class BadArchive extends Error {
  readonly code = 'BAD_ARCHIVE'
  constructor(readonly problem: ItemProblem) {
    super(describeProblem(problem))
  }
}

/** e.g. `annotations/IMG_7.xml:14: object/bndbox/xmax 181 is not greater than xmin 181: fix the box` */
export function describeProblem({ file, line, field, found, problem, remedy }: ItemProblem): string {
  const place = line === undefined ? file : `${file}:${line}`
  const what = [field, found, problem].filter((word) => word !== undefined).join(' ')
  return `${place}: ${what}: ${remedy}`
}
