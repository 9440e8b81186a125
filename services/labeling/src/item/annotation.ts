import {
  clipBox,
  isDegenerate,
  toXyxy,
  whyTurnedOutside,
  type BoxXywh,
  type ImageSize,
} from '@ymir/detection'
import { DomainError } from '@ymir/graphql'
import type { ManifestAnnotation } from '../task/version.ts'
import { normalTurn } from './rotation.ts'

/** A box that a labeller drew. */
export interface Annotation {
  readonly label: string
  /** As it lies before it is turned. */
  readonly box: BoxXywh
  /** About the middle of the box, radians above 0 and below 2π, clockwise as the image is seen; absent: it is not turned. */
  readonly rotation?: number
  /** Hard to recognise. */
  readonly difficult: boolean
  /** Reaches beyond the image or is partly hidden. */
  readonly truncated: boolean
  /** One box around many objects. */
  readonly crowd: boolean
}

/** An annotation as it comes: turned by any angle up to a whole turn, or by none. */
export interface GivenAnnotation extends Omit<Annotation, 'rotation'> {
  readonly rotation?: number | null | undefined
}

/** A box that a model found. */
export interface Prediction {
  readonly label: string
  readonly box: BoxXywh
  /** 0 to 1. */
  readonly score: number
}

/** Annotations of one image at most. */
export const mostAnnotations = 2_000

/** Pixels that a box may reach beyond the image: what drawing tools round to. */
const tolerance = 1

/**
 * The annotations of an image. A box is clipped to it; one that is turned stays whole, for its rest would be no rectangle:
 * its middle must lie in the image, and no side is longer than the image's diagonal.
 * @throws DomainError BAD_USER_INPUT that names the first wrong annotation by its index and says what to do
 */
export function checkAnnotations(
  annotations: readonly GivenAnnotation[],
  image: ImageSize,
  classes: readonly string[],
): Annotation[] {
  if (annotations.length > mostAnnotations)
    throw new DomainError(
      'BAD_USER_INPUT',
      `${annotations.length} annotations are more than the ${mostAnnotations} that an image may have: leave some out, or draw one box with crowd: true around many`,
      { field: 'annotations' },
    )
  return annotations.map(({ rotation: given, ...annotation }, index) => {
    const label = checkLabel(annotation.label, index, classes)
    const rotation = checkRotation(given ?? 0, index)
    const check = rotation === undefined ? checkBox : checkTurned
    const box = { ...check(annotation.box, index, image) } // plain, to be compared with what is stored
    return { ...annotation, label, box, ...(rotation === undefined ? {} : { rotation }) }
  })
}

function checkLabel(label: string, index: number, classes: readonly string[]): string {
  if (classes.includes(label)) return label
  throw wrong(index, 'label', `"${label}" is no class of the task: use one of ${classes.join(', ')}`)
}

function checkRotation(rotation: number, index: number): number | undefined {
  if (Math.abs(rotation) <= 2 * Math.PI) return normalTurn(rotation) // false for NaN
  throw wrong(
    index,
    'rotation',
    `the rotation ${rotation} is beyond a whole turn: give radians, -2π to 2π, clockwise about the middle of the box`,
  )
}

function checkBox(box: BoxXywh, index: number, image: ImageSize): BoxXywh {
  const { width, height } = image
  if (![box.x, box.y, box.width, box.height].every(Number.isFinite))
    throw wrong(index, 'box', 'a side of the box is no number: give x, y, width and height in pixels')
  const { xmin, ymin, xmax, ymax } = toXyxy(box)
  const beyond = Math.max(-xmin, -ymin, xmax - width, ymax - height)
  const text = `${box.x}, ${box.y}, ${box.width} x ${box.height}`
  if (beyond > tolerance)
    throw wrong(
      index,
      'box',
      `the box ${text} reaches ${beyond} pixels beyond the image (${width}x${height}): draw it inside`,
    )
  const clipped = clipBox(box, image)
  if (isDegenerate(clipped))
    throw wrong(index, 'box', `the box ${text} has no area in the image: draw it larger, or leave it out`)
  return clipped
}

function checkTurned(box: BoxXywh, index: number, image: ImageSize): BoxXywh {
  const text = `the turned box ${box.x}, ${box.y}, ${box.width} x ${box.height}`
  if (isDegenerate(box)) throw wrong(index, 'box', `${text} has no area: draw it larger, or leave it out`)
  const problem = whyTurnedOutside(box, image)
  if (!problem) return box
  throw wrong(index, 'box', `${text} ${problem} the image (${image.width}x${image.height}): draw it inside`)
}

function wrong(index: number, field: string, problem: string): DomainError {
  return new DomainError('BAD_USER_INPUT', `annotations[${index}]: ${problem}`, {
    field: `annotations[${index}].${field}`,
    index,
  })
}

/** An annotation of a version as a labeller would have drawn it. */
export function asDrawn(annotation: ManifestAnnotation): Annotation {
  const { label, box, difficult, truncated, crowd } = annotation
  const rotation = normalTurn(annotation.rotation ?? 0)
  return {
    label,
    box,
    ...(rotation === undefined ? {} : { rotation }),
    difficult: difficult ?? false,
    truncated: truncated ?? false,
    crowd: crowd ?? false,
  }
}
