/** What a prediction set must say of an asset; what is not given is not asked. */
export interface PredictionFilter {
  readonly setId: string
  /** Names of labels; empty: of any label. */
  readonly labels?: readonly string[]
  /** 0 to 1, both included. */
  readonly minScore?: number
  readonly maxScore?: number
  /** How many such predictions; 1 when it is not given. */
  readonly atLeast?: number
}

/** What counts of a prediction here. */
export interface Scored {
  readonly label: string
  readonly score: number
}

/** Does the filter let through an asset of which the set says this? */
export function letsThrough(filter: PredictionFilter, predictions: readonly Scored[]): boolean {
  const { labels = [], minScore = -Infinity, maxScore = Infinity, atLeast = 1 } = filter
  const wanted = predictions.filter(
    ({ label, score }) =>
      (labels.length === 0 || labels.includes(label)) && score >= minScore && score <= maxScore,
  )
  return wanted.length >= atLeast
}
