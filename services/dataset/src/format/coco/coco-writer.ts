import type { Annotation } from '../../annotation/annotation.ts'
import { areaOfMask } from '../../annotation/mask.ts'
import { areaOfPolygon } from '../../annotation/outline.ts'
import type { AssetEntry } from '../../asset/entry.store.ts'
import type { FormatWriter } from '../format.ts'
import { writtenImage } from '../written-image.ts'

/** COCO JSON; what COCO has no word for stands in keys of our own, which other readers pass over. */
export const cocoWriter: FormatWriter = {
  name: 'COCO',
  loses: [],

  async *files(entries, labels) {
    for await (const entry of entries()) yield writtenImage(entry)
    yield { name: 'annotations/instances.json', content: jsonOf(entries, labels) }
  },
}

/** One item a line. */
async function* jsonOf(
  entries: () => AsyncIterable<AssetEntry>,
  labels: readonly string[],
): AsyncGenerator<string> {
  const categories = labels.map((name, index) => ({ id: index + 1, name }))
  yield '{"categories":'
  yield* listOf(categories)
  yield ',\n"images":'
  yield* listOf(imagesOf(entries()))
  yield ',\n"annotations":'
  yield* listOf(annotationsOf(entries(), new Map(categories.map(({ id, name }) => [name, id]))))
  yield '}\n'
}

async function* listOf(items: Iterable<unknown> | AsyncIterable<unknown>): AsyncGenerator<string> {
  let isFirst = true
  for await (const item of items) {
    yield `${isFirst ? '[' : ','}\n${JSON.stringify(item)}`
    isFirst = false
  }
  yield isFirst ? '[]' : '\n]'
}

async function* imagesOf(entries: AsyncIterable<AssetEntry>): AsyncGenerator<unknown> {
  let id = 0
  for await (const entry of entries) {
    const { width, height, tags, metadata } = entry
    yield {
      id: ++id,
      file_name: `${entry.id}.${entry.format}`,
      width,
      height,
      ...(tags.length ? { tags } : {}),
      ...(Object.keys(metadata).length ? { metadata } : {}),
    }
  }
}

async function* annotationsOf(
  entries: AsyncIterable<AssetEntry>,
  categories: ReadonlyMap<string, number>,
): AsyncGenerator<unknown> {
  let imageId = 0
  let id = 0
  for await (const { annotations } of entries) {
    imageId++
    for (const annotation of annotations)
      yield {
        id: ++id,
        image_id: imageId,
        category_id: categories.get(annotation.label),
        ...cocoOf(annotation),
      }
  }
}

function cocoOf(annotation: Annotation) {
  const { box, polygons, mask, crowd, difficult, truncated, quality, rotation, attributes } = annotation
  return {
    bbox: [box.x, box.y, box.width, box.height],
    area: areaOf(annotation),
    iscrowd: Number(crowd),
    segmentation: polygons ?? mask ?? [],
    ...(polygons && mask ? { mask } : {}),
    ...(difficult ? { difficult: 1 } : {}),
    ...(truncated ? { truncated: 1 } : {}),
    ...(quality === undefined ? {} : { quality }),
    ...(rotation === undefined ? {} : { rotation }),
    ...(attributes ? { attributes } : {}),
  }
}

function areaOf({ box, polygons, mask }: Annotation): number {
  if (mask) return areaOfMask(mask)
  if (polygons) return polygons.reduce((sum, polygon) => sum + areaOfPolygon(polygon), 0)
  return box.width * box.height
}
