import { BadItem, type ItemProblem } from '../import/problem.ts'
import type { Description, FoundAnnotation } from './format.ts'

/** Collects what is said of one image; what cannot be taken becomes a problem. */
export class Describing {
  private readonly groundTruth: FoundAnnotation[] = []
  private readonly predictions: FoundAnnotation[] = []
  private readonly problems: ItemProblem[] = []
  private readonly tags: string[] = []
  private metadata: Record<string, string> = {}

  /** Takes an annotation, as a prediction when it has a score; `read` may throw BadItem. */
  take(read: () => FoundAnnotation) {
    this.attempt(() => {
      const found = read()
      ;(found.score === undefined ? this.groundTruth : this.predictions).push(found)
    })
  }

  /** Takes an annotation as ground truth, whatever its score. */
  takeGroundTruth(read: () => FoundAnnotation) {
    this.attempt(() => {
      const { score: _, ...found } = read()
      this.groundTruth.push(found)
    })
  }

  /** Takes a prediction, whether or not it has a score. */
  takePrediction(read: () => FoundAnnotation) {
    this.attempt(() => this.predictions.push(read()))
  }

  /** Words and keys of the image; what is said later of a key counts. */
  say(
    read: () => { readonly tags?: readonly string[]; readonly metadata?: Readonly<Record<string, string>> },
  ) {
    this.attempt(() => {
      const { tags = [], metadata = {} } = read()
      this.tags.push(...tags)
      this.metadata = { ...this.metadata, ...metadata }
    })
  }

  report(problems: readonly ItemProblem[]) {
    this.problems.push(...problems)
  }

  result(): Description {
    const { groundTruth, predictions, problems, tags, metadata } = this
    return { groundTruth, predictions, problems, tags: [...new Set(tags)].sort(), metadata }
  }

  private attempt(act: () => void) {
    try {
      act()
    } catch (error) {
      if (!(error instanceof BadItem)) throw error
      this.problems.push(error.problem)
    }
  }
}
