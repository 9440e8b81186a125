import { boxAround, iou, type Turned } from '@ymir/detection'

/** What pairing needs to know of a box; anything more is carried along untouched. */
export interface LabelledBox extends Turned {
  readonly label: string
}

/** Boxes that overlap less are of different objects: COCO's first threshold. */
export const sameObjectIou = 0.5

export interface Pair<One, Other> {
  readonly one: One
  readonly other: Other
  readonly iou: number
}

export interface Pairing<One, Other> {
  readonly pairs: readonly Pair<One, Other>[]
  /** What found no partner, in the order in which it came. */
  readonly ones: readonly One[]
  readonly others: readonly Other[]
}

/**
 * Pairs the boxes of two lists one to one, largest overlap first, at IoU 0.5 or more. Greedy as COCO's matching is; that
 * ranks by score, which boxes of people have none of, and looks at no more than 100 of an image. The IoU of a turned box is
 * that of the box around it, with sides along the image's.
 * @param fits which may be paired, besides their overlap
 */
export function pairBoxes<One extends LabelledBox, Other extends LabelledBox>(
  ones: readonly One[],
  others: readonly Other[],
  fits: (one: One, other: Other) => boolean,
): Pairing<One, Other> {
  const candidates: Pair<One, Other>[] = []
  const [around, aroundOthers] = [ones.map(boxAround), others.map(boxAround)]
  for (const [index, one] of ones.entries())
    for (const [otherIndex, other] of others.entries()) {
      const overlap = iou(around[index]!, aroundOthers[otherIndex]!)
      if (overlap >= sameObjectIou && fits(one, other)) candidates.push({ one, other, iou: overlap })
    }
  candidates.sort((a, b) => b.iou - a.iou) // stable: of equal overlaps the earlier
  const taken = new Set<One | Other>()
  const pairs: Pair<One, Other>[] = []
  for (const pair of candidates) {
    if (taken.has(pair.one) || taken.has(pair.other)) continue
    taken.add(pair.one).add(pair.other)
    pairs.push(pair)
  }
  const isFree = (box: One | Other) => !taken.has(box)
  return { pairs, ones: ones.filter(isFree), others: others.filter(isFree) }
}

export const haveSameLabel = (one: LabelledBox, other: LabelledBox) => one.label === other.label
export const haveAnyLabel = () => true
