import { iou } from '@ymir/detection'
import { type Annotation, annotationKey } from './annotation.ts'

/** Boxes of a label that overlap at least this much may be one object, drawn twice or moved. */
export const movedBoxIou = 0.5
/** Boxes that overlap at least this much may be one object under two labels. */
export const relabelledBoxIou = 0.9

/** Which annotations of two ground truths of an asset are one object. */
export interface Matching {
  readonly pairs: readonly (readonly [Annotation, Annotation])[]
  readonly onlyFirst: readonly Annotation[]
  readonly onlySecond: readonly Annotation[]
}

/**
 * Pairs annotations one to one: first those that say the same, then those of a label by overlap, the largest first, down to
 * `movedBoxIou`, then those left of any label, down to `relabelledBoxIou`. Equal overlaps are settled by what the annotations
 * say, so that neither order of boxes nor of sides matters.
 */
export function matchAnnotations(first: readonly Annotation[], second: readonly Annotation[]): Matching {
  const same = pairEqual(first, second)
  const moved = pairOverlapping(same, (one, other) => one.label === other.label, movedBoxIou)
  const relabelled = pairOverlapping(moved, () => true, relabelledBoxIou)
  return { ...relabelled, pairs: [...same.pairs, ...moved.pairs, ...relabelled.pairs] }
}

/** Whether two annotations say the same, wherever they came from. */
export function sayTheSame(one: Annotation, other: Annotation): boolean {
  return annotationKey(one) === annotationKey(other)
}

function pairEqual(first: readonly Annotation[], second: readonly Annotation[]): Matching {
  const waiting = new Map<string, Annotation[]>()
  for (const one of second) {
    const alike = waiting.get(annotationKey(one))
    if (alike) alike.push(one)
    else waiting.set(annotationKey(one), [one])
  }
  const pairs: [Annotation, Annotation][] = []
  const onlyFirst: Annotation[] = []
  for (const one of first) {
    const partner = waiting.get(annotationKey(one))?.shift()
    if (partner) pairs.push([one, partner])
    else onlyFirst.push(one)
  }
  return { pairs, onlyFirst, onlySecond: [...waiting.values()].flat() }
}

/** Pairs what is left of an earlier matching. */
function pairOverlapping(
  { onlyFirst: first, onlySecond: second }: Matching,
  mayBeOne: (one: Annotation, other: Annotation) => boolean,
  leastIou: number,
): Matching {
  const candidates = first.flatMap((one) =>
    second
      .filter((other) => mayBeOne(one, other))
      .map((other) => ({ one, other, overlap: iou(one.box, other.box), key: keyOfPair(one, other) }))
      .filter(({ overlap }) => overlap >= leastIou),
  )
  candidates.sort((a, b) => b.overlap - a.overlap || (a.key < b.key ? -1 : 1))
  const taken = new Set<Annotation>()
  const pairs: [Annotation, Annotation][] = []
  for (const { one, other } of candidates) {
    if (taken.has(one) || taken.has(other)) continue
    taken.add(one).add(other)
    pairs.push([one, other])
  }
  return {
    pairs,
    onlyFirst: first.filter((one) => !taken.has(one)),
    onlySecond: second.filter((one) => !taken.has(one)),
  }
}

function keyOfPair(one: Annotation, other: Annotation): string {
  return [annotationKey(one), annotationKey(other)].sort().join()
}
