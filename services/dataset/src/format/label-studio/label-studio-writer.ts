import { centreToCorner } from '@ymir/detection'
import type { Annotation } from '../../annotation/annotation.ts'
import type { AssetEntry } from '../../asset/entry.store.ts'
import type { FormatWriter } from '../format.ts'
import type { Size } from '../shape.ts'
import { writtenImage } from '../written-image.ts'
import { brushOf } from './brush.ts'

/** Label Studio's tasks, one a line, and the images. */
export const labelStudioWriter: FormatWriter = {
  name: 'LABEL_STUDIO',
  loses: [
    'boxes that are not the one around their outline or mask, and the rotation of objects that have one',
    'the mask of an object that has outlines too',
    'more than nine digits after the point',
  ],

  async *files(entries) {
    for await (const entry of entries()) yield writtenImage(entry)
    yield { name: 'tasks.json', content: tasksOf(entries()) }
  },
}

async function* tasksOf(entries: AsyncIterable<AssetEntry>): AsyncGenerator<string> {
  let id = 0
  for await (const entry of entries) yield `${id ? ',' : '['}\n${JSON.stringify(taskOf(entry, ++id))}`
  yield id ? '\n]\n' : '[]\n'
}

function taskOf(entry: AssetEntry, id: number) {
  const { annotations, tags, metadata } = entry
  const objects = annotations.flatMap((annotation, index) =>
    regionsOf(annotation, `${id}-${index + 1}`, entry),
  )
  const choices = {
    id: `${id}-0`,
    type: 'choices',
    from_name: 'tags',
    to_name: 'image',
    value: { choices: tags },
  }
  return {
    id,
    data: { image: `images/${entry.id}.${entry.format}` },
    ...(Object.keys(metadata).length ? { meta: metadata } : {}),
    annotations: [{ id, was_cancelled: false, result: tags.length ? [...objects, choices] : objects }],
  }
}

/** An object is a region; its outlines are one each, held together by `meta.partOf`. */
function regionsOf(annotation: Annotation, id: string, { width, height }: Size): object[] {
  const { polygons, mask, label } = annotation
  const image = { to_name: 'image', original_width: width, original_height: height, image_rotation: 0 }
  const meta = metaOf(annotation)
  const metaIfAny = Object.keys(meta).length ? { meta } : {}
  if (polygons)
    return polygons.map((points, index) => ({
      id: index ? `${id}-${index}` : id,
      ...{ type: 'polygonlabels', from_name: 'polygon' },
      ...image,
      value: { points: pointsOf(points, { width, height }), closed: true, polygonlabels: [label] },
      ...(polygons.length > 1 ? { meta: { ...meta, partOf: id } } : metaIfAny),
    }))
  if (mask)
    return [
      {
        id,
        ...{ type: 'brushlabels', from_name: 'brush' },
        ...image,
        value: { format: 'rle', rle: brushOf(mask), brushlabels: [label] },
        ...metaIfAny,
      },
    ]
  return [
    {
      id,
      ...{ type: 'rectanglelabels', from_name: 'label' },
      ...image,
      value: { ...rectangleOf(annotation, { width, height }), rectanglelabels: [label] },
      ...metaIfAny,
    },
  ]
}

function rectangleOf({ box, rotation = 0 }: Annotation, image: Size) {
  const corner = centreToCorner(box, rotation)
  return {
    x: (corner.x * 100) / image.width,
    y: (corner.y * 100) / image.height,
    width: (corner.width * 100) / image.width,
    height: (corner.height * 100) / image.height,
    rotation: (rotation * 180) / Math.PI,
  }
}

function pointsOf(points: readonly number[], { width, height }: Size): number[][] {
  return Array.from({ length: points.length / 2 }, (_, index) => [
    (points[2 * index]! * 100) / width,
    (points[2 * index + 1]! * 100) / height,
  ])
}

function metaOf({ difficult, truncated, crowd, quality, attributes }: Annotation) {
  return {
    ...(difficult ? { difficult } : {}),
    ...(truncated ? { truncated } : {}),
    ...(crowd ? { crowd } : {}),
    ...(quality === undefined ? {} : { quality }),
    ...(attributes ? { attributes } : {}),
  }
}
