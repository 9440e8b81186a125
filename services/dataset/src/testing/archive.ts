import { type Zippable, zipSync } from 'fflate'
import sharp from 'sharp'

/** An image of plain colour; another `tone` makes other bytes. */
export function anImage({
  width = 64,
  height = 48,
  tone = 0,
  format = 'jpeg' as 'jpeg' | 'png' | 'webp' | 'gif',
} = {}): Promise<Buffer> {
  const background = { r: tone % 256, g: (tone * 7) % 256, b: Math.floor(tone / 256) % 256 }
  return sharp({ create: { width, height, channels: 3, background } })
    .toFormat(format)
    .toBuffer()
}

export interface VocBox {
  readonly name?: string
  readonly corners: readonly (number | string)[]
}

/** A Pascal VOC file, one tag a line: object n begins at line 7 + 8 * n. */
export function aVocFile(boxes: readonly VocBox[], { width = 64, height = 48 } = {}): string {
  const objects = boxes.map(
    ({ name = 'cell', corners: [xmin, ymin, xmax, ymax] }) =>
      `<object>\n<name>${name}</name>\n<bndbox>\n<xmin>${xmin}</xmin>\n<ymin>${ymin}</ymin>\n` +
      `<xmax>${xmax}</xmax>\n<ymax>${ymax}</ymax>\n</bndbox></object>\n`,
  )
  const size = `<size>\n<width>${width}</width>\n<height>${height}</height>\n</size>`
  return `<annotation>\n<filename>a.jpg</filename>\n${size}\n${objects.join('')}</annotation>\n`
}

/** A zip archive of files by name. */
export function anArchive(files: Readonly<Record<string, Uint8Array | string>>): Buffer {
  const zippable: Zippable = {}
  for (const [name, content] of Object.entries(files))
    zippable[name] = typeof content === 'string' ? Buffer.from(content) : new Uint8Array(content)
  return Buffer.from(zipSync(zippable))
}

/** An archive of `count` different images with one box each. */
export async function anArchiveOf(count: number, { tone = 0, label = 'cell' } = {}): Promise<Buffer> {
  const files: Record<string, Uint8Array | string> = {}
  for (let index = 0; index < count; index++) {
    files[`images/${index}.jpg`] = await anImage({ tone: tone + index * 16 })
    files[`annotations/${index}.xml`] = aVocFile([{ name: label, corners: [1 + index, 2, 20 + index, 30] }])
  }
  return anArchive(files)
}
