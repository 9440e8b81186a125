import { clipBox, isDegenerate, whyTurnedOutside, type BoxXywh, type ImageSize } from '@ymir/detection'
import type { LabelledBox } from './pairing.ts'

const leftOutShare = 0.15
const relabelledShare = 0.1
const movedShare = 0.5
const inventedShare = 0.2
/** Of a side of the box, at most. */
const farthest = 0.12

/**
 * What a gold image starts from where the others start from annotations or predictions: the known answer with errors, so
 * that neither an empty start nor a right one gives it away, and who only confirms is found out.
 * @param random uniform in [0, 1)
 */
export function withFlaws<Known extends LabelledBox>(
  known: readonly Known[],
  image: ImageSize,
  classes: readonly string[],
  random: () => number,
): Known[] {
  const isWhole = known.every(({ box }) => Object.values(box).every(Number.isInteger))
  const tidy = (wanted: BoxXywh, { box: known, rotation }: LabelledBox) => {
    const box = isWhole ? rounded(wanted) : wanted
    if (!rotation) return clipBox(box, image)
    return whyTurnedOutside(box, image) ? known : box // what is turned is not cut
  }
  const flawed = known.flatMap((one) => {
    if (random() < leftOutShare) return []
    const label = random() < relabelledShare ? oneOf(classes, random) : one.label
    return [{ ...one, label, box: random() < movedShare ? tidy(moved(one.box, random), one) : one.box }]
  })
  if (known.length && random() < inventedShare) {
    const model = oneOf(known, random)
    const x = random() * (image.width - model.box.width)
    const y = random() * (image.height - model.box.height)
    flawed.push({ ...model, box: tidy({ ...model.box, x, y }, model) })
  }
  return flawed.filter(({ box }) => !isDegenerate(box))
}

function moved({ x, y, width, height }: BoxXywh, random: () => number): BoxXywh {
  const by = (side: number) => (2 * random() - 1) * farthest * side
  return { x: x + by(width), y: y + by(height), width: width + by(width), height: height + by(height) }
}

function rounded({ x, y, width, height }: BoxXywh): BoxXywh {
  return { x: Math.round(x), y: Math.round(y), width: Math.round(width), height: Math.round(height) }
}

/** @param values at least one */
export function oneOf<Value>(values: readonly Value[], random: () => number): Value {
  return values[Math.floor(random() * values.length)]!
}
