import type { BlobRef } from '@ymir/blobs'
import type { FormatName } from '../format/format.ts'
import type { ImportPolicy } from './policy.ts'
import { describeProblem, type ImportProblem, type ItemProblem, type Outcome } from './problem.ts'

export interface Counts {
  readonly assetCount: number
  readonly annotationCount: number
  readonly predictionCount: number
  /** Images, annotation files and boxes that were left out. */
  readonly skippedItemCount: number
  /** Files whose bytes came before. */
  readonly duplicateCount: number
  readonly problemCount: number
  /** As the files write them. */
  readonly unknownLabels: readonly string[]
  /** The first problem for which nothing is imported. */
  readonly refusedFor: ItemProblem | null
}

/** What an import found, as it is kept; imports of old have the first fields only. */
export interface Report extends Omit<Counts, 'predictionCount' | 'refusedFor'> {
  readonly predictionCount?: number
  /** The first thousand. */
  readonly problems: readonly ImportProblem[]
  /** All of them as JSON Lines. */
  readonly problemsBlob?: BlobRef
  readonly format?: FormatName
}

export const problemsKept = 1_000
const longestFound = 300
const longestName = 1_000
export const nothingFound: Counts = {
  assetCount: 0,
  annotationCount: 0,
  predictionCount: 0,
  skippedItemCount: 0,
  duplicateCount: 0,
  problemCount: 0,
  unknownLabels: [],
  refusedFor: null,
}

/** Collects what an import finds. Problems are handed over batch by batch; only counts are kept. */
export class ReportBuilder {
  assetCount: number
  annotationCount: number
  predictionCount: number
  duplicateCount: number
  private skippedItemCount: number
  private problemCount: number
  private refusedFor: ItemProblem | null
  private readonly unknown: Set<string>
  private problems: ImportProblem[] = []

  constructor(
    private readonly policy: ImportPolicy,
    before: Counts = nothingFound,
  ) {
    this.assetCount = before.assetCount
    this.annotationCount = before.annotationCount
    this.predictionCount = before.predictionCount
    this.duplicateCount = before.duplicateCount
    this.skippedItemCount = before.skippedItemCount
    this.problemCount = before.problemCount
    this.refusedFor = before.refusedFor
    this.unknown = new Set(before.unknownLabels)
  }

  /** Something that the policy on bad items decides about. */
  bad(problem: ItemProblem): void {
    this.add(problem, this.policy.badItems === 'SKIP' ? 'SKIPPED' : 'REFUSED')
    if (this.policy.badItems === 'SKIP') this.skippedItemCount++
  }

  /** A box of a label that the workspace does not know; not called when such labels are added. */
  unknownLabel(label: string, problem: ItemProblem): void {
    if (this.policy.unknownLabels === 'IGNORE') this.skippedItemCount++
    if (this.unknown.has(label)) return // one problem a label: the first place tells enough
    this.unknown.add(label)
    this.add(problem, this.policy.unknownLabels === 'IGNORE' ? 'SKIPPED' : 'REFUSED')
  }

  /** Whether it is certain already that nothing will be imported. */
  get isRefused(): boolean {
    return this.refusedFor !== null
  }

  get waitingProblems(): number {
    return this.problems.length
  }

  /** The problems since the last call. */
  takeProblems(): ImportProblem[] {
    const taken = this.problems
    this.problems = []
    return taken
  }

  counts(): Counts {
    const { assetCount, annotationCount, predictionCount, duplicateCount } = this
    const { skippedItemCount, problemCount, refusedFor } = this
    const unknownLabels = [...this.unknown]
    return {
      ...{ assetCount, annotationCount, predictionCount, duplicateCount },
      ...{ skippedItemCount, problemCount, refusedFor, unknownLabels },
    }
  }

  private add(problem: ItemProblem, outcome: Outcome) {
    const storable = storableProblem(problem)
    this.problemCount++
    this.problems.push({ ...storable, outcome })
    if (outcome === 'REFUSED') this.refusedFor ??= storable
  }
}

/** Why nothing can be imported, in words; undefined when it can. */
export function refusalOf(counts: Counts, { unknownLabels: policy }: ImportPolicy): string | undefined {
  const { refusedFor, problemCount, unknownLabels, assetCount } = counts
  if (policy === 'STOP' && unknownLabels.length > 0) {
    const names = unknownLabels.map((name) => `"${name}"`).join(', ')
    return `labels unknown to the workspace: ${names}; make them with createLabels, or import with unknownLabels: ADD or IGNORE`
  }
  if (refusedFor && problemCount === 1) return describeProblem(refusedFor)
  if (refusedFor) return `${problemCount} problems, see the report; the first: ${describeProblem(refusedFor)}`
  if (assetCount === 0) return 'there is no image to import in the archive'
  return undefined
}

/** Characters that PostgreSQL cannot hold. */
const unstorable = /\0|\p{Surrogate}/gu

/** Whether all text in a value can be stored; JSON escapes what cannot. */
export function isStorable(value: unknown): boolean {
  return !/\\u(0000|d[89a-f])/.test(JSON.stringify(value))
}

function storableProblem(problem: ItemProblem): ItemProblem {
  const tidy = (text: string) => text.slice(0, longestFound).replace(unstorable, '\ufffd')
  return {
    ...problem,
    file: problem.file.slice(0, longestName).replace(unstorable, '\ufffd'),
    problem: tidy(problem.problem),
    ...(problem.found === undefined ? {} : { found: tidy(problem.found) }),
    ...(problem.field === undefined ? {} : { field: tidy(problem.field) }),
  }
}
