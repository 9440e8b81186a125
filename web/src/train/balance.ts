export interface LabelShare {
  readonly label: string
  readonly count: number
  /** Of all annotations of the classes, 0 to 1. */
  readonly share: number
}

/** Classes that lie further apart are the usual cause of trouble. */
const oneOrderOfMagnitude = 10

/** How many annotations each class has in a set, classes that are not there too, the most frequent first. */
export function labelShares(
  classes: readonly string[],
  labels: readonly { label: string; annotationCount: number }[],
): LabelShare[] {
  const counts = new Map(labels.map(({ label, annotationCount }) => [label, annotationCount]))
  const total = classes.reduce((sum, label) => sum + (counts.get(label) ?? 0), 0)
  return classes
    .map((label) => ({
      label,
      count: counts.get(label) ?? 0,
      share: (counts.get(label) ?? 0) / (total || 1),
    }))
    .sort((one, other) => other.count - one.count)
}

export interface Imbalance {
  readonly most: string
  readonly least: string
  /** Annotations of the most frequent class for one of the least frequent; Infinity when that has none. */
  readonly ratio: number
}

/** What is unbalanced about some shares; undefined within one order of magnitude. */
export function imbalanceOf(shares: readonly LabelShare[]): Imbalance | undefined {
  const [most, least] = [shares[0], shares.at(-1)]
  if (!most || !least || most.count === 0) return undefined
  const ratio = most.count / least.count
  return ratio > oneOrderOfMagnitude ? { most: most.label, least: least.label, ratio } : undefined
}
