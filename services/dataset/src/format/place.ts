import { BadItem } from '../import/problem.ts'

/** Where in the files something stands. */
export interface Place {
  readonly file: string
  readonly line?: number
  /** e.g. annotations[12].bbox */
  readonly field?: string
}

/** An annotation that cannot be taken. */
export function refusal(
  place: Place,
  problem: string,
  {
    found,
    remedy = 'fix the object, or import with badItems: SKIP',
  }: { found?: unknown; remedy?: string } = {},
): BadItem {
  return new BadItem({ ...place, ...(found === undefined ? {} : { found: shown(found) }), problem, remedy })
}

const longestShown = 80

/** A value as it stands in the file, cut when it is long. */
export function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value))
  return text.length > longestShown ? `${text.slice(0, longestShown)}...` : text
}
