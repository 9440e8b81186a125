import { stringify } from 'yaml'
import type { Annotation } from '../../annotation/annotation.ts'
import type { FormatWriter } from '../format.ts'
import type { Size } from '../shape.ts'
import { writtenImage } from '../written-image.ts'
import { centreOf, partOf } from './normalised.ts'

/** YOLO as Ultralytics reads it. An object with one outline is a line of its points, any other one a box. */
export const yoloWriter: FormatWriter = {
  name: 'YOLO',
  loses: [
    'masks, outlines of several parts, and boxes that are not the one around their outline',
    'difficult, truncated, crowd, quality and rotation',
    'attributes of annotations',
    'tags and metadata of images',
  ],

  async *files(entries, labels) {
    yield { name: 'data.yaml', content: dataOf(labels) }
    const classes = new Map(labels.map((label, index) => [label, index]))
    for await (const entry of entries()) {
      yield writtenImage(entry, 'images/train')
      const lines = entry.annotations.map((one) => `${classes.get(one.label)} ${lineOf(one, entry)}\n`)
      yield { name: `labels/train/${entry.id}.txt`, content: lines.join('') }
    }
  },
}

function dataOf(labels: readonly string[]): string {
  const names = Object.fromEntries(labels.map((label, index) => [index, label]))
  return stringify({ path: '.', train: 'images/train', val: 'images/train', names }, { lineWidth: 0 })
}

function lineOf({ box, polygons }: Annotation, image: Size): string {
  const [outline, ...others] = polygons ?? []
  if (!outline || others.length) return centreOf(box, image)
  return outline.map((at, index) => partOf(at, index % 2 ? image.height : image.width)).join(' ')
}
