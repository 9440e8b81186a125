import { boxAround, iouWithCrowd } from '@ymir/detection'
import { haveAnyLabel, haveSameLabel, pairBoxes, sameObjectIou, type LabelledBox } from './pairing.ts'

/** A box of a known answer, or of somebody's. */
export interface JudgedBox extends LabelledBox {
  /** One box around many objects. */
  readonly crowd: boolean
}

/** How often a label was given where another, or none, was known; null stands for no object. */
export interface Confused {
  readonly known: string | null
  readonly given: string | null
  readonly count: number
}

/** How answers to gold images compare with what is known. */
export interface Tally {
  readonly images: number
  /** Boxes that are known; crowds are none. */
  readonly known: number
  /** Boxes that were given, but for those that lie in a crowd. */
  readonly given: number
  /** Of them those with their label at their place. */
  readonly matched: number
  /** Of the matched ones, summed. */
  readonly iouSum: number
  readonly confusion: readonly Confused[]
}

export const emptyTally: Tally = { images: 0, known: 0, given: 0, matched: 0, iouSum: 0, confusion: [] }

/**
 * Compares an answer with what is known of the image, as COCO's evaluation and its confusion do at IoU 0.5: boxes of one
 * label are paired first, what is left is paired across labels, the rest was missed or is extra. What lies in a crowd
 * of its label is neither right nor wrong. A turned box counts as the box around it.
 */
export function compareWithKnown(known: readonly JudgedBox[], given: readonly JudgedBox[]): Tally {
  const objects = known.filter(({ crowd }) => !crowd)
  const right = pairBoxes(objects, given, haveSameLabel)
  const isInCrowd = (one: JudgedBox) =>
    known.some((other) => {
      const overlap = () => iouWithCrowd(boxAround(one), boxAround(other))
      return other.crowd && haveSameLabel(one, other) && overlap() >= sameObjectIou
    })
  const judged = right.others.filter((one) => !isInCrowd(one))
  const wrong = pairBoxes(right.ones, judged, haveAnyLabel)
  return {
    images: 1,
    known: objects.length,
    given: right.pairs.length + judged.length,
    matched: right.pairs.length,
    iouSum: sum(right.pairs.map(({ iou }) => iou)),
    confusion: countConfused([
      ...[...right.pairs, ...wrong.pairs].map(({ one, other }) => confused(one.label, other.label)),
      ...wrong.ones.map(({ label }) => confused(label, null)),
      ...wrong.others.map(({ label }) => confused(null, label)),
    ]),
  }
}

const confused = (known: string | null, given: string | null): Confused => ({ known, given, count: 1 })

export function addTallies(one: Tally, other: Tally): Tally {
  return {
    images: one.images + other.images,
    known: one.known + other.known,
    given: one.given + other.given,
    matched: one.matched + other.matched,
    iouSum: one.iouSum + other.iouSum,
    confusion: countConfused([...one.confusion, ...other.confusion]),
  }
}

/** Each kind once, by the known label and then the given one; no object comes last. */
function countConfused(all: readonly Confused[]): Confused[] {
  const kinds = new Map<string, Confused>()
  for (const one of all) {
    const kind = JSON.stringify([one.known, one.given])
    kinds.set(kind, { ...one, count: one.count + (kinds.get(kind)?.count ?? 0) })
  }
  return [...kinds.values()].sort((a, b) => byLabel(a.known, b.known) || byLabel(a.given, b.given))
}

function byLabel(a: string | null, b: string | null): number {
  if (a === b) return 0
  if (a === null || b === null) return a === null ? 1 : -1
  return a < b ? -1 : 1
}

/** Matched among given; null when nothing was given. */
export const precisionOf = ({ matched, given }: Tally) => (given ? matched / given : null)
/** Matched among known; null when nothing was to be found. */
export const recallOf = ({ matched, known }: Tally) => (known ? matched / known : null)
/** Of the matched boxes; null without any. */
export const meanIouOf = ({ matched, iouSum }: Pick<Tally, 'matched' | 'iouSum'>) =>
  matched ? iouSum / matched : null

/** How two answers to the same images agree. */
export interface Agreement {
  readonly images: number
  /** Of both answers together. */
  readonly boxes: number
  readonly matched: number
  readonly iouSum: number
}

export const emptyAgreement: Agreement = { images: 0, boxes: 0, matched: 0, iouSum: 0 }

/** The same whichever answer comes first. */
export function agreementOf(one: readonly LabelledBox[], other: readonly LabelledBox[]): Agreement {
  const { pairs } = pairBoxes(one, other, haveSameLabel)
  const iouSum = sum(pairs.map(({ iou }) => iou))
  return { images: 1, boxes: one.length + other.length, matched: pairs.length, iouSum }
}

export function addAgreements(one: Agreement, other: Agreement): Agreement {
  return {
    images: one.images + other.images,
    boxes: one.boxes + other.boxes,
    matched: one.matched + other.matched,
    iouSum: one.iouSum + other.iouSum,
  }
}

/** F1, which is Dice's coefficient: twice the matched pairs among all boxes; null when there are none. */
export const f1Of = ({ matched, boxes }: Agreement) => (boxes ? (2 * matched) / boxes : null)

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0)
}
