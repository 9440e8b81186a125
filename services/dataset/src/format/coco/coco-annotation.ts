import type { Annotation } from '../../annotation/annotation.ts'
import type { FoundAnnotation } from '../format.ts'
import { shaped } from '../first-problem.ts'
import { ownKeys } from '../own-keys.ts'
import { type Place, refusal } from '../place.ts'
import { boxAround, boxOfMask, maskIn, polygonsIn, turnedBoxIn, type Shape, type Size } from '../shape.ts'
import type { CocoFile, StoredAnnotation } from './coco-file.ts'
import { type CocoAnnotation, cocoAnnotation } from './coco-shape.ts'

/** @throws BadItem when the annotation cannot be taken */
export function readAnnotation(
  { index, json }: StoredAnnotation,
  { name: file, categories }: CocoFile,
  image: Size,
): FoundAnnotation {
  const place = { file, field: `annotations[${index}]` }
  const said = shaped(cocoAnnotation, JSON.parse(json), place)
  const field = `${place.field}.category_id`
  const label = categories.get(said.category_id)
  if (label === undefined)
    throw refusal({ file, field }, 'is the id of no category', { found: said.category_id })
  const score = said.score ?? (isPrediction(file) ? said.confidence : undefined)
  return {
    annotation: { label, ...shapeOf(said, image, place), ...wordsOf(said, place) },
    file,
    field,
    ...(score == null ? {} : { score }),
  }
}

/** The published system has its files in `gt/` and `pred/`. */
export function isPrediction(file: string): boolean {
  return file.split('/').slice(0, -1).includes('pred')
}

/** A missing box follows from the polygons or the mask. */
function shapeOf(said: CocoAnnotation, image: Size, place: Place): Shape {
  const { polygons, mask } = outlineOf(said, image, place)
  return {
    box: enclosing(said, polygons, mask, image, place),
    ...(polygons ? { polygons } : {}),
    ...(mask ? { mask } : {}),
  }
}

function outlineOf({ segmentation, mask }: CocoAnnotation, image: Size, place: Place) {
  const segmentationPlace = { ...place, field: `${place.field}.segmentation` }
  const maskPlace = { ...place, field: `${place.field}.mask` }
  const aside = mask && maskIn(mask, image, maskPlace)
  if (!segmentation) return { mask: aside }
  if ('counts' in segmentation) return { mask: maskIn(segmentation, image, segmentationPlace) }
  if (segmentation.length === 0) return { mask: aside }
  return { polygons: polygonsIn(segmentation, image, segmentationPlace), mask: aside }
}

function enclosing(
  { bbox, rotation }: CocoAnnotation,
  polygons: Shape['polygons'],
  mask: Shape['mask'],
  image: Size,
  place: Place,
) {
  if (bbox) {
    const [x, y, width, height] = bbox
    const here = { ...place, field: `${place.field}.bbox` }
    return turnedBoxIn({ x, y, width, height }, rotation, image, here)
  }
  const segmentation = { ...place, field: `${place.field}.segmentation` }
  if (polygons) return boxAround(polygons, image, segmentation)
  if (mask) return boxOfMask(mask, segmentation)
  throw refusal({ ...place, field: `${place.field}.bbox` }, 'is missing, and there is no segmentation')
}

/** What is said beside the shape. */
function wordsOf(said: CocoAnnotation, place: Place): Omit<Annotation, 'label' | 'box'> {
  const { quality, rotation } = said
  const attributes = ownKeys(said.attributes ?? {}, { ...place, field: `${place.field}.attributes` })
  return {
    difficult: said.difficult ?? false,
    truncated: said.truncated ?? false,
    crowd: said.iscrowd ?? false,
    ...(quality === undefined ? {} : { quality }),
    ...(rotation ? { rotation } : {}),
    ...(Object.keys(attributes).length ? { attributes } : {}),
  }
}
