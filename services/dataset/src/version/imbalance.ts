import type { LabelCounts } from '../page/statistics.ts'

export interface Imbalance {
  readonly mostFrequent: string
  readonly leastFrequent: string
  /** Annotations of the most frequent label for one of the least frequent. */
  readonly ratio: number
  /** The least frequent first. */
  readonly rare: string[]
  readonly message: string
}

/** A label is rare when it has less than this share of the annotations that it would have if all labels had as many. */
const rareShare = 0.1

/** What to warn of; undefined when no label is rare. */
export function imbalanceOf(labels: Readonly<Record<string, LabelCounts>>): Imbalance | undefined {
  const ascending = Object.entries(labels)
    .map(([label, { annotationCount }]) => ({ label, count: annotationCount }))
    .sort((one, other) => one.count - other.count)
  const total = ascending.reduce((sum, { count }) => sum + count, 0)
  const rareBelow = (rareShare * total) / ascending.length
  const rare = ascending.filter(({ count }) => count < rareBelow).map(({ label }) => label)
  const [least, most] = [ascending[0], ascending.at(-1)]
  if (!least || !most || rare.length === 0) return undefined
  const ratio = most.count / least.count
  const message =
    `"${most.label}" has ${most.count} annotations, "${least.label}" ${least.count} (${ratio.toFixed(0)} to 1); ` +
    `${rare.length} of ${ascending.length} labels have less than a tenth of an even share`
  return { mostFrequent: most.label, leastFrequent: least.label, ratio, rare, message }
}
