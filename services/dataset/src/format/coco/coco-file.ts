import { BadArchive, BadItem, type ItemProblem } from '../../import/problem.ts'
import { shaped } from '../first-problem.ts'
import { type JsonItem, jsonItems } from '../json/json-items.ts'
import { refusal, shown } from '../place.ts'
import { type CocoImage, cocoCategory, cocoImage, cocoLink } from './coco-shape.ts'

/** An annotation, to be looked at when its image's size is known: as text it takes a fraction of the memory. */
export interface StoredAnnotation {
  /** Place in the file's list. */
  readonly index: number
  readonly json: string
}

export interface StoredImage {
  readonly index: number
  readonly image: CocoImage
  readonly annotations: readonly StoredAnnotation[]
  /** Another image of the file has the same id: nobody can tell whose the annotations are. */
  readonly hasTwin: boolean
}

/** A COCO file, its annotations sorted by image. */
export interface CocoFile {
  readonly name: string
  /** Names by id. */
  readonly categories: ReadonlyMap<string, string>
  readonly images: readonly StoredImage[]
}

/**
 * Reads a COCO file in one pass, whatever the order of its lists.
 * @param problem told what belongs to no image
 * @throws BadArchive when it cannot be read as a whole, or two categories share an id
 */
export async function readCocoFile(
  bytes: AsyncIterable<Uint8Array>,
  name: string,
  problem: (problem: ItemProblem) => void,
): Promise<CocoFile> {
  const reading = new Reading(name)
  for await (const item of jsonItems(bytes, name, ['images', 'annotations', 'categories'])) {
    try {
      reading.take(item)
    } catch (error) {
      if (!(error instanceof BadItem)) throw error
      problem(error.problem)
    }
  }
  for (const orphan of reading.orphans()) problem(orphan)
  return reading.result()
}

class Reading {
  private readonly categories = new Map<string, string>()
  private readonly images: { index: number; image: CocoImage }[] = []
  private readonly imageIds = new Map<string, number>()
  private readonly annotations = new Map<string, StoredAnnotation[]>()
  private readonly annotationIds = new Map<string, number>()

  constructor(private readonly file: string) {}

  take({ list, index, value }: JsonItem) {
    if (list === 'images') return this.takeImage(index, value)
    if (list === 'annotations') return this.takeAnnotation(index, value)
    this.takeCategory(index, value)
  }

  *orphans(): Generator<ItemProblem> {
    for (const [imageId, annotations] of this.annotations) {
      if (this.imageIds.has(imageId)) continue
      const { index } = annotations[0]!
      const more = annotations.length > 1 ? ` (and ${annotations.length - 1} more)` : ''
      yield {
        file: this.file,
        field: `annotations[${index}].image_id`,
        found: shown(imageId),
        problem: `is the id of no image${more}`,
        remedy: 'add the image to the list of images, or remove the annotation',
      }
    }
  }

  result(): CocoFile {
    return {
      name: this.file,
      categories: this.categories,
      images: this.images.map(({ index, image }) => ({
        index,
        image,
        annotations: this.annotations.get(image.id) ?? [],
        hasTwin: this.imageIds.get(image.id)! > 1,
      })),
    }
  }

  private takeImage(index: number, value: unknown) {
    const image = shaped(cocoImage, value, this.placeOf('images', index))
    this.images.push({ index, image })
    this.imageIds.set(image.id, (this.imageIds.get(image.id) ?? 0) + 1)
  }

  private takeAnnotation(index: number, value: unknown) {
    const place = this.placeOf('annotations', index)
    const { id, image_id } = shaped(cocoLink, value, place)
    const first = id == null ? undefined : this.annotationIds.get(id)
    if (first !== undefined)
      throw refusal({ ...place, field: `${place.field}.id` }, `is the id of annotations[${first}] too`, {
        found: id,
        remedy: 'give every annotation an id of its own, or leave ids out',
      })
    if (id != null) this.annotationIds.set(id, index)
    const stored = { index, json: JSON.stringify(value) }
    const others = this.annotations.get(image_id)
    if (others) others.push(stored)
    else this.annotations.set(image_id, [stored])
  }

  private takeCategory(index: number, value: unknown) {
    const place = this.placeOf('categories', index)
    const { id, name } = shaped(cocoCategory, value, place)
    const known = this.categories.get(id)
    if (known !== undefined && known !== name)
      throw new BadArchive({
        ...place,
        field: `${place.field}.id`,
        found: shown(id),
        problem: `is the id of two categories, "${shown(known)}" and "${shown(name)}"`,
        remedy: 'give every category an id of its own',
      })
    this.categories.set(id, name)
  }

  private placeOf(list: string, index: number) {
    return { file: this.file, field: `${list}[${index}]` }
  }
}
