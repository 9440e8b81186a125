import { clipBox, isDegenerate, toXyxy, type BoxXywh, type ImageSize } from '@ymir/detection'
import { DomainError } from '@ymir/graphql'
import type { ManifestAnnotation } from '../task/version.ts'

/** A box that a labeller drew. */
export interface Annotation {
  readonly label: string
  readonly box: BoxXywh
  /** Hard to recognise. */
  readonly difficult: boolean
  /** Reaches beyond the image or is partly hidden. */
  readonly truncated: boolean
  /** One box around many objects. */
  readonly crowd: boolean
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
 * The annotations of an image, their boxes clipped to it.
 * @throws DomainError BAD_USER_INPUT that names the first wrong annotation by its index and says what to do
 */
export function checkAnnotations(
  annotations: readonly Annotation[],
  image: ImageSize,
  classes: readonly string[],
): Annotation[] {
  if (annotations.length > mostAnnotations)
    throw new DomainError(
      'BAD_USER_INPUT',
      `${annotations.length} annotations are more than the ${mostAnnotations} that an image may have: leave some out, or draw one box with crowd: true around many`,
      { field: 'annotations' },
    )
  return annotations.map((annotation, index) => ({
    ...annotation,
    label: checkLabel(annotation.label, index, classes),
    box: { ...checkBox(annotation.box, index, image) }, // plain, to be compared with what is stored
  }))
}

function checkLabel(label: string, index: number, classes: readonly string[]): string {
  if (classes.includes(label)) return label
  throw wrong(index, 'label', `"${label}" is no class of the task: use one of ${classes.join(', ')}`)
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

function wrong(index: number, field: string, problem: string): DomainError {
  return new DomainError('BAD_USER_INPUT', `annotations[${index}]: ${problem}`, {
    field: `annotations[${index}].${field}`,
    index,
  })
}

/** An annotation of a version as a labeller would have drawn it. */
export function asDrawn({ label, box, difficult, truncated, crowd }: ManifestAnnotation): Annotation {
  return {
    label,
    box,
    difficult: difficult ?? false,
    truncated: truncated ?? false,
    crowd: crowd ?? false,
  }
}
