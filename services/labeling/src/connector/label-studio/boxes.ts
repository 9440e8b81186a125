import { centreToCorner, cornerToCentre, type BoxXywh, type ImageSize } from '@ymir/detection'
import type { Annotation } from '../../item/annotation.ts'
import { degreesOf, turnOfDegrees } from '../../item/rotation.ts'
import { rounded } from '../rectangle.ts'
import type { StartingBox } from '../start.ts'
import { rectangle, region, type RemoteAnnotation } from './shape.ts'

/** Names in the labelling configuration. */
export const [image, labels] = ['image', 'label']

/** How the interface looks: rectangles of the task's classes, which may be turned. */
export function labelConfig(classes: readonly string[]): string {
  const tags = classes.map((name) => `<Label value="${escaped(name)}"/>`)
  return `<View><Image name="${image}" value="$image"/><RectangleLabels name="${labels}" toName="${image}" canRotate="true">${tags.join('')}</RectangleLabels></View>`
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
}

/**
 * A box as a region of a prediction: percent of the image's sides, turned about its upper left corner
 * (labelstud.io/guide/predictions).
 * @param index makes its id, which is unique in a prediction
 */
export function regionOf(box: StartingBox, { width, height }: ImageSize, index: number): object {
  const { difficult, truncated, crowd, score, rotation = 0 } = box
  const corner = centreToCorner(box.box, rotation)
  const flags = Object.entries({ difficult, truncated, crowd }).filter(([, isSet]) => isSet)
  return {
    id: `start-${index}`,
    ...{ type: 'rectanglelabels', from_name: labels, to_name: image },
    ...{ original_width: width, original_height: height, image_rotation: 0 },
    value: {
      ...{ x: (corner.x / width) * 100, y: (corner.y / height) * 100 },
      ...{ width: (corner.width / width) * 100, height: (corner.height / height) * 100 },
      ...{ rotation: degreesOf(rotation), rectanglelabels: [box.label] },
    },
    ...(flags.length ? { meta: Object.fromEntries(flags) } : {}),
    ...(score === null ? {} : { score }),
  }
}

/** What a region says, in pixels. @throws Error that says in words what cannot be taken */
export function readRegion(value: unknown, size: ImageSize): Annotation[] {
  const read = region.safeParse(value)
  if (!read.success) throw new Error('a region is not as Label Studio describes it')
  const { type, original_width, original_height, image_rotation, meta } = read.data
  if (type !== 'rectanglelabels')
    throw new Error(`a region is of the type "${type}": only labelled rectangles can be taken`)
  if ((original_width ?? size.width) !== size.width || (original_height ?? size.height) !== size.height)
    throw new Error(
      `a region is of an image of ${original_width}x${original_height}, and this one is ${size.width}x${size.height}`,
    )
  if (image_rotation) throw new Error('the image was turned: turn it back and draw the boxes again')
  const shape = rectangle.safeParse(read.data.value)
  if (!shape.success) throw new Error('a rectangle has no label, or a side is no number')
  const { rectanglelabels, rotation: degrees, ...percent } = shape.data
  const rotation = turnOfDegrees(degrees)
  const box = rounded(cornerToCentre(pixels(percent, size), rotation ?? 0))
  const turned = rotation === undefined ? {} : { rotation }
  const flags = {
    difficult: meta?.difficult === true,
    truncated: meta?.truncated === true,
    crowd: meta?.crowd === true,
  }
  return rectanglelabels.map((label) => ({ label, box, ...turned, ...flags }))
}

function pixels({ x, y, width, height }: BoxXywh, image: ImageSize): BoxXywh {
  return {
    ...{ x: (x * image.width) / 100, y: (y * image.height) / 100 },
    ...{ width: (width * image.width) / 100, height: (height * image.height) / 100 },
  }
}

/**
 * Which of a task's annotations counts: each is one person's answer to the whole image. One that is marked as ground
 * truth, else the newest; a skip only when nobody has labelled the image.
 */
export function chosen(annotations: readonly RemoteAnnotation[]): RemoteAnnotation | undefined {
  const drawn = annotations.filter((one) => !one.was_cancelled)
  const marked = drawn.filter((one) => one.ground_truth)
  const candidates = [marked, drawn, annotations].find((some) => some.length) ?? []
  return candidates.reduce<RemoteAnnotation | undefined>(
    (newest, one) => (newest && (newest.updated_at ?? '') > (one.updated_at ?? '') ? newest : one),
    undefined,
  )
}
