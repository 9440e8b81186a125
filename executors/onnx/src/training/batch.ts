/** Batches of augmented images with their targets. */
import { toXyxy } from '@ymir/detection'
import { STRIDE } from '../detector/network.ts'
import type { BatchShape } from '../detector/training-graph.ts'
import type { ImageCache } from '../images/image-cache.ts'
import type { Picture } from '../images/picture.ts'
import type { LabelledImage } from '../objects.ts'
import { writeTargets, type TargetObject } from './targets.ts'
import { paintView, randomView, viewBox, type Augmentation, type View } from './view.ts'

export interface Batch {
  /** [batch, 3, height, width] */
  readonly images: Float32Array
  /** [batch, 1, rows, columns] */
  readonly heat: Float32Array
  /** [batch, classes, rows, columns] */
  readonly classes: Float32Array
  /** [batch, 4, rows, columns] */
  readonly sides: Float32Array
  /** [batch, 1, rows, columns] */
  readonly objectWeight: Float32Array
  readonly objectCount: number
}

export interface BatchOptions extends BatchShape {
  readonly classNames: readonly string[]
  readonly augmentation: Augmentation
}

/** @param images as many as the batch holds */
export async function makeBatch(
  images: readonly LabelledImage[],
  options: BatchOptions,
  pictures: ImageCache<Picture>,
  random: () => number,
): Promise<Batch> {
  const { width, height, classNames, augmentation } = options
  const [columns, rows] = [width / STRIDE, height / STRIDE]
  const cells = columns * rows
  const count = images.length
  const batch = {
    images: new Float32Array(count * 3 * width * height),
    heat: new Float32Array(count * cells),
    classes: new Float32Array(count * classNames.length * cells),
    sides: new Float32Array(count * 4 * cells),
    objectWeight: new Float32Array(count * cells),
  }
  const part = (array: Float32Array, index: number) => {
    const length = array.length / count
    return array.subarray(index * length, (index + 1) * length)
  }
  const loaded = await Promise.all(images.map((image) => pictures.get(image.path)))
  let objectCount = 0
  images.forEach((image, index) => {
    const picture = loaded[index]
    if (picture === undefined) return
    const view = randomView(picture, options, augmentation, random)
    paintView(view, picture, options, part(batch.images, index))
    const objects = visibleObjects(image, picture, view, options)
    writeTargets(objects, {
      columns,
      rows,
      heat: part(batch.heat, index),
      classes: part(batch.classes, index),
      sides: part(batch.sides, index),
      objectWeight: part(batch.objectWeight, index),
    })
    objectCount += objects.length
  })
  return { ...batch, objectCount }
}

function visibleObjects(
  image: LabelledImage,
  picture: Picture,
  view: View,
  options: BatchOptions,
): TargetObject[] {
  const scaleX = picture.width / picture.original.width
  const scaleY = picture.height / picture.original.height
  return image.objects.flatMap(({ label, box }) => {
    const { xmin, ymin, xmax, ymax } = toXyxy(box)
    const scaled = { xmin: xmin * scaleX, ymin: ymin * scaleY, xmax: xmax * scaleX, ymax: ymax * scaleY }
    const visible = viewBox(scaled, view, picture, options)
    return visible ? { classIndex: options.classNames.indexOf(label), box: visible } : []
  })
}

/** Every image once in random order, then all again in another order, for ever. */
export function* endlessly<Item>(items: readonly Item[], random: () => number): Generator<Item, never> {
  for (;;) {
    const order = [...items]
    for (let i = order.length - 1; i > 0; i--) {
      const j = Math.floor(random() * (i + 1))
      const [a, b] = [order[i], order[j]] as [Item, Item] // both within the list
      order[i] = b
      order[j] = a
    }
    yield* order
  }
}
