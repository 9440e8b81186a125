import { isSameTurn } from '@ymir/detection'
import { haveAnyLabel, haveSameLabel, pairBoxes, type LabelledBox } from './pairing.ts'

export type ChangeKind = 'ADDED' | 'REMOVED' | 'MOVED' | 'RELABELLED' | 'KEPT'

/** What became of one box. */
export interface BoxChange<Before = LabelledBox, After = LabelledBox> {
  readonly kind: ChangeKind
  /** Null: it was added. */
  readonly before: Before | null
  /** Null: it was removed. */
  readonly after: After | null
  /** Of before and after; null where one is missing. */
  readonly iou: number | null
}

/** How many boxes of an image each became. */
export type ChangeCounts = Readonly<Record<Lowercase<ChangeKind>, number>>

/** A box that overlaps its former self less was moved: two pixels of a hundred. */
export const movedBelowIou = 0.98

/** A box that is turned by more than its former self was moved: about half a degree, as far as one can see. */
const movedAboveTurn = 0.01

/**
 * What an answer made of what it started from. Boxes of one label are paired first, largest overlap first, then what is
 * left across labels; IoU 0.5 or more. Marks (difficult, truncated, crowd) are not compared; a change of
 * rotation is one, and IoU is that of the boxes around turned ones.
 * @returns in the order of the start, then what was added
 */
export function differenceOf<Before extends LabelledBox, After extends LabelledBox>(
  start: readonly Before[],
  answer: readonly After[],
): BoxChange<Before, After>[] {
  const same = pairBoxes(start, answer, haveSameLabel)
  const across = pairBoxes(same.ones, same.others, haveAnyLabel)
  const changes: BoxChange<Before, After>[] = [
    ...same.pairs.map(({ one, other, iou }) => {
      const isMoved =
        iou < movedBelowIou || !isSameTurn(one.rotation ?? 0, other.rotation ?? 0, movedAboveTurn)
      const kind = isMoved ? ('MOVED' as const) : ('KEPT' as const)
      return { kind, before: one, after: other, iou }
    }),
    ...across.pairs.map(({ one, other, iou }) => ({
      ...{ kind: 'RELABELLED' as const, before: one, after: other, iou },
    })),
    ...across.ones.map((one) => ({ kind: 'REMOVED' as const, before: one, after: null, iou: null })),
    ...across.others.map((other) => ({ kind: 'ADDED' as const, before: null, after: other, iou: null })),
  ]
  const place = new Map<Before | null, number>(start.map((box, index) => [box, index]))
  const placeOf = ({ before }: BoxChange<Before, After>) => place.get(before) ?? start.length
  return changes.sort((a, b) => placeOf(a) - placeOf(b))
}

export function countChanges(changes: readonly BoxChange[]): ChangeCounts {
  const of = (kind: ChangeKind) => changes.filter((change) => change.kind === kind).length
  return {
    added: of('ADDED'),
    removed: of('REMOVED'),
    moved: of('MOVED'),
    relabelled: of('RELABELLED'),
    kept: of('KEPT'),
  }
}
