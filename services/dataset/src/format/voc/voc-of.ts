import type { Annotation, Box } from '../../annotation/annotation.ts'
import type { AssetEntry } from '../../asset/entry.store.ts'
import { elementNameOf } from './voc-keys.ts'

/**
 * A Pascal VOC file of an asset and its ground truth, as the executor contract writes them: maxima are inclusive,
 * `xmax = x + width - 1`. What Pascal VOC has no word for stands in elements that other readers pass over: the published
 * system's where it has them (`cks`, `tags`), Roboflow's `polygon`, and our own `mask` and `image_tags`.
 */
export function vocOf({ id, format, width, height, annotations, tags, metadata }: AssetEntry): string {
  return [
    '<annotation>',
    '  <folder>images</folder>',
    `  <filename>${id}.${format}</filename>`,
    '  <size>',
    `    <width>${width}</width>`,
    `    <height>${height}</height>`,
    '    <depth>3</depth>',
    '  </size>',
    '  <segmented>0</segmented>',
    ...keysOf('cks', metadata, '  '),
    ...(tags.length
      ? ['  <image_tags>', ...tags.map((tag) => `    <tag>${escapeXml(tag)}</tag>`), '  </image_tags>']
      : []),
    ...annotations.flatMap(objectOf),
    '</annotation>',
    '',
  ].join('\n')
}

function objectOf(annotation: Annotation): string[] {
  const {
    label,
    box,
    polygons = [],
    mask,
    difficult,
    truncated,
    crowd,
    quality,
    rotation,
    attributes,
  } = annotation
  return [
    '  <object>',
    `    <name>${escapeXml(label)}</name>`,
    '    <pose>Unspecified</pose>',
    `    <truncated>${Number(truncated)}</truncated>`,
    `    <difficult>${Number(difficult)}</difficult>`,
    ...(crowd ? ['    <crowd>1</crowd>'] : []),
    '    <bndbox>',
    ...boundsOf(box),
    ...(rotation === undefined ? [] : [`      <rotate_angle>${rotation}</rotate_angle>`]),
    '    </bndbox>',
    ...polygons.map(polygonOf),
    ...(mask
      ? [
          `    <mask><height>${mask.size[0]}</height><width>${mask.size[1]}</width>` +
            `<counts>${escapeXml(mask.counts)}</counts></mask>`,
        ]
      : []),
    ...(quality === undefined ? [] : [`    <box_quality>${quality}</box_quality>`]),
    ...keysOf('tags', attributes ?? {}, '    '),
    '  </object>',
  ]
}

function boundsOf({ x, y, width, height }: Box): string[] {
  const [xmax, ymax] = [x + width - 1, y + height - 1]
  return [
    `      <xmin>${x}</xmin>`,
    `      <ymin>${y}</ymin>`,
    `      <xmax>${xmax}</xmax>`,
    `      <ymax>${ymax}</ymax>`,
    // where the corners cannot say it: floating point rounds, and readers refuse a box of one pixel
    ...(isSaid(x, xmax, width) ? [] : [`      <width>${width}</width>`]),
    ...(isSaid(y, ymax, height) ? [] : [`      <height>${height}</height>`]),
  ]
}

function isSaid(min: number, max: number, length: number): boolean {
  return max > min && max - min + 1 === length
}

function polygonOf(points: readonly number[]): string {
  const names = points.map((_, index) => `${index % 2 ? 'y' : 'x'}${Math.floor(index / 2) + 1}`)
  return `    <polygon>${points.map((at, index) => `<${names[index]}>${at}</${names[index]}>`).join('')}</polygon>`
}

function keysOf(name: string, values: Readonly<Record<string, string>>, indent: string): string[] {
  const all = Object.entries(values)
  if (all.length === 0) return []
  return [
    `${indent}<${name}>`,
    ...all.map(([key, value]) => {
      const element = elementNameOf(key)
      return `${indent}  <${element}>${escapeXml(value)}</${element}>`
    }),
    `${indent}</${name}>`,
  ]
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

function escapeXml(text: string): string {
  return text.replace(/[&<>]/g, (character) => entities[character]!)
}
