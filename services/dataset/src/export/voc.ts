import type { Annotation } from '../annotation/annotation.ts'
import type { AssetEntry } from '../asset/entry.store.ts'

/**
 * A Pascal VOC file of an asset and its ground truth, as the executor contract writes them: maxima are inclusive,
 * `xmax = x + width - 1`. Importing it gives the same annotations.
 */
export function vocOf({ id, format, width, height, annotations }: AssetEntry): string {
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
    ...annotations.flatMap(objectOf),
    '</annotation>',
    '',
  ].join('\n')
}

function objectOf({ label, box, difficult, truncated, crowd, quality, rotation }: Annotation): string[] {
  return [
    '  <object>',
    `    <name>${escapeXml(label)}</name>`,
    '    <pose>Unspecified</pose>',
    `    <truncated>${Number(truncated)}</truncated>`,
    `    <difficult>${Number(difficult)}</difficult>`,
    ...(crowd ? ['    <crowd>1</crowd>'] : []),
    '    <bndbox>',
    `      <xmin>${box.x}</xmin>`,
    `      <ymin>${box.y}</ymin>`,
    `      <xmax>${box.x + box.width - 1}</xmax>`,
    `      <ymax>${box.y + box.height - 1}</ymax>`,
    ...(rotation === undefined ? [] : [`      <rotate_angle>${rotation}</rotate_angle>`]),
    '    </bndbox>',
    ...(quality === undefined ? [] : [`    <box_quality>${quality}</box_quality>`]),
    '  </object>',
  ]
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

function escapeXml(text: string): string {
  return text.replace(/[&<>]/g, (character) => entities[character]!)
}
