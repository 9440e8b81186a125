import { type Annotation, annotationKey, annotationSetOf } from '../annotation/annotation.ts'
import { SerialSet } from '../page/serial-set.ts'
import { batchesOf } from '../asset/entry.store.ts'
import type { Entries } from './entries.ts'

/** What becomes of labels: their new names, and which are dropped with their annotations. */
export interface Relabelling {
  readonly rename: readonly { readonly from: readonly string[]; readonly to: string }[]
  readonly drop: readonly string[]
}

const relabelledAtOnce = 1_000

/**
 * A version with other labels; annotations keep everything else. Two that say the same once their labels are one are one.
 * Only assets that show one of the labels are touched.
 */
export async function relabelVersion(
  version: SerialSet,
  { rename, drop }: Relabelling,
  entries: Entries,
): Promise<SerialSet> {
  const newName = new Map(rename.flatMap(({ from, to }) => from.map((label) => [label, to] as const)))
  const dropped = new Set(drop)
  let touched = SerialSet.empty
  for (const label of [...newName.keys(), ...dropped])
    touched = touched.union(version.intersect(await entries.withLabel(label)))
  const relabelled: number[] = []
  for (const some of batchesOf(touched, relabelledAtOnce)) {
    const truths = [...(await entries.groundTruthsOf(some)).values()]
    const sets = truths.map(({ assetId, annotations, ...facts }) => {
      const kept = annotations.filter(({ label }) => !dropped.has(label))
      const renamed = kept.map((one) => ({ ...one, label: newName.get(one.label) ?? one.label }))
      return { assetId, annotationSet: annotationSetOf(once(renamed), facts) }
    })
    relabelled.push(...(await entries.store(sets)))
  }
  return version.minus(touched).union(SerialSet.of(relabelled))
}

function once(annotations: readonly Annotation[]): Annotation[] {
  return [...new Map(annotations.toReversed().map((one) => [annotationKey(one), one])).values()]
}
