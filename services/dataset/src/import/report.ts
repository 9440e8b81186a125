import type { ImportPolicy } from './policy.ts'
import { describeProblem, type ImportProblem, type ItemProblem, type Outcome } from './problem.ts'

/** What an import found, as it is kept. */
export interface Report {
  readonly assetCount: number
  readonly annotationCount: number
  /** Images, annotation files and boxes that were left out. */
  readonly skippedItemCount: number
  /** Files whose bytes were in the archive before. */
  readonly duplicateCount: number
  /** As the files write them. */
  readonly unknownLabels: readonly string[]
  /** The first ones; `problemCount` counts all. */
  readonly problems: readonly ImportProblem[]
  readonly problemCount: number
}

const problemsKept = 1_000

/** Collects what an import finds. */
export class ReportBuilder {
  assetCount = 0
  annotationCount = 0
  duplicateCount = 0
  private readonly unknown = new Set<string>()
  private readonly problems: ImportProblem[] = []
  private problemCount = 0
  private skippedItemCount = 0

  constructor(private readonly policy: ImportPolicy) {}

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

  /** Why nothing can be imported, in words; undefined when it can. */
  refusal(): string | undefined {
    const refused = this.problems.find(({ outcome }) => outcome === 'REFUSED')
    if (this.policy.unknownLabels === 'STOP' && this.unknown.size > 0) {
      const names = [...this.unknown].map((name) => `"${name}"`).join(', ')
      return `labels unknown to the workspace: ${names}; make them with createLabels, or import with unknownLabels: ADD or IGNORE`
    }
    if (refused) return refusalOf(refused, this.problemCount)
    if (this.assetCount === 0) return 'there is no image to import in the archive'
    return undefined
  }

  build(): Report {
    const { assetCount, annotationCount, duplicateCount, skippedItemCount, problems, problemCount } = this
    return {
      assetCount,
      annotationCount,
      duplicateCount,
      skippedItemCount,
      unknownLabels: [...this.unknown],
      problems,
      problemCount,
    }
  }

  private add(problem: ItemProblem, outcome: Outcome) {
    this.problemCount++
    // a refusal must be among those kept
    if (this.problems.length < problemsKept) this.problems.push({ ...problem, outcome })
  }
}

function refusalOf(first: ItemProblem, problemCount: number): string {
  if (problemCount === 1) return describeProblem(first)
  return `${problemCount} problems, see the report; the first: ${describeProblem(first)}`
}
