import { cornerToCentre } from '@ymir/detection'
import type { Annotation, Box } from '../../annotation/annotation.ts'
import { countsOf } from '../../annotation/mask.ts'
import { ownKeys } from '../own-keys.ts'
import { type Place, refusal } from '../place.ts'
import { boxAround, boxOfMask, maskIn, polygonsIn, turnedBoxIn, type Shape, type Size } from '../shape.ts'
import { runsOfBrush } from './brush.ts'
import type { Region } from './label-studio-shape.ts'

/** Regions that we have no shape for; all other results are not about objects. */
const unknownShapes = /^(keypoint|ellipse|video|bitmask|magicwand|vector|cuboid)/i

/** An object with one of its region's labels. */
export type LabelledObject = Pick<Annotation, 'label'> & Shape & Omit<Annotation, 'label' | keyof Shape>

/**
 * What a region says: an object for each of its labels.
 * @returns nothing for results that are not about objects
 * @throws BadItem
 */
export function readRegion(region: Region, image: Size, place: Place): readonly LabelledObject[] {
  const { value = {}, type } = region
  const isShape = value.points || value.rle || value.width !== undefined
  if (!isShape && !unknownShapes.test(type)) return []
  if (!isShape || unknownShapes.test(type))
    throw refusal({ ...place, field: `${place.field}.type` }, 'is no shape that can be taken', {
      found: type,
    })
  checkImage(region, image, place)
  const labels = value.rectanglelabels ?? value.polygonlabels ?? value.brushlabels ?? value.labels
  if (!labels?.length)
    throw refusal({ ...place, field: `${place.field}.value` }, 'has no label', { found: type })
  const shape = shapeOf(value, image, { ...place, field: `${place.field}.value` })
  const words = wordsOf(region, place)
  return labels.map((label) => ({ label, ...shape, ...words }))
}

function checkImage(region: Region, image: Size, place: Place) {
  for (const side of ['width', 'height'] as const) {
    const said = region[`original_${side}`]
    if (said === undefined || said === image[side]) continue
    throw refusal(
      { ...place, field: `${place.field}.original_${side}` },
      `is not the image's ${side}, ${image[side]} (image ${image.width}x${image.height})`,
      {
        found: said,
        remedy: 'the region belongs to another image, or to one turned by its metadata: turn the file itself',
      },
    )
  }
  if (region.image_rotation)
    throw refusal({ ...place, field: `${place.field}.image_rotation` }, 'turns the image', {
      found: region.image_rotation,
      remedy: 'turn the file itself and label it again',
    })
}

function shapeOf(
  value: NonNullable<Region['value']>,
  image: Size,
  place: Place,
): Shape & { rotation?: number } {
  if (value.points) {
    const polygons = polygonsIn(
      [value.points.flatMap(([x, y]) => [pixels(x, image.width), pixels(y, image.height)])],
      image,
      place,
    )
    return { polygons, box: boxAround(polygons, image, place) }
  }
  if (value.rle) {
    const runs = runsOfBrush(value.rle, image)
    if (!runs)
      throw refusal({ ...place, field: `${place.field}.rle` }, 'is no brush of an image of this size', {
        found: value.rle,
      })
    const mask = maskIn({ size: [image.height, image.width], counts: countsOf(runs) }, image, place)
    return { mask, box: boxOfMask(mask, place) }
  }
  return rectangleOf(value, image, place)
}

function rectangleOf(
  value: NonNullable<Region['value']>,
  image: Size,
  place: Place,
): Shape & { rotation?: number } {
  const { x = NaN, y = NaN, width = NaN, height = NaN, rotation = 0 } = value
  const corner = {
    ...{ x: (x * image.width) / 100, y: (y * image.height) / 100 },
    ...{ width: (width * image.width) / 100, height: (height * image.height) / 100 },
  }
  const radians = (rotation * Math.PI) / 180
  const box = roundedBox(cornerToCentre(corner, radians))
  const turn = rounded(radians)
  return { box: turnedBoxIn(box, turn, image, place), ...(turn ? { rotation: turn } : {}) }
}

function pixels(percent: number, size: number): number {
  return rounded((percent * size) / 100)
}

/** To a thousand-millionth of a pixel: percent of a size give back whole pixels and their usual fractions. */
function rounded(value: number): number {
  return Math.round(value * 1e9) / 1e9 + 0 // no -0
}

function roundedBox({ x, y, width, height }: Box): Box {
  return { x: rounded(x), y: rounded(y), width: rounded(width), height: rounded(height) }
}

function wordsOf({ meta = {} }: Region, place: Place) {
  const attributes = ownKeys(meta.attributes ?? {}, { ...place, field: `${place.field}.meta.attributes` })
  return {
    difficult: meta.difficult ?? false,
    truncated: meta.truncated ?? false,
    crowd: meta.crowd ?? false,
    ...(meta.quality === undefined ? {} : { quality: meta.quality }),
    ...(Object.keys(attributes).length ? { attributes } : {}),
  }
}
