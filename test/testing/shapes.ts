import { seededRandom } from '@ymir/detection'
import { zipSync } from 'fflate'
import sharp from 'sharp'

/** Side of the images, in pixels. */
export const side = 64

export interface Shape {
  readonly label: string
  /** Pascal VOC's xmin, ymin, xmax and ymax: pixels, the last ones included. */
  readonly corners: readonly (number | string)[]
}

export interface Picture {
  readonly png: Buffer
  readonly shapes: readonly Shape[]
}

/** Pictures with a disc and a square each; another seed makes others. */
export async function pictures(count: number, seed: number): Promise<Picture[]> {
  const random = seededRandom(seed)
  const place = (from: number, room: number) => from + Math.floor(random() * room)
  const made: Picture[] = []
  for (let index = 0; index < count; index++) {
    const [disc, square] = [14 + Math.floor(random() * 6), 14 + Math.floor(random() * 6)]
    // the disc in the left half, the square in the right one
    const [discX, discY] = [place(0, side / 2 - disc), place(0, side - disc)]
    const [squareX, squareY] = [place(side / 2, side / 2 - square), place(0, side - square)]
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${side}" height="${side}">
      <rect width="100%" height="100%" fill="#446"/>
      <circle cx="${discX + disc / 2}" cy="${discY + disc / 2}" r="${disc / 2}" fill="#fc4"/>
      <rect x="${squareX}" y="${squareY}" width="${square}" height="${square}" fill="#4d8"/></svg>`
    made.push({
      png: await sharp(Buffer.from(svg)).removeAlpha().png().toBuffer(),
      shapes: [
        { label: 'disc', corners: [discX, discY, discX + disc - 1, discY + disc - 1] },
        { label: 'square', corners: [squareX, squareY, squareX + square - 1, squareY + square - 1] },
      ],
    })
  }
  return made
}

/** A Pascal VOC annotation, one tag a line: object n begins at line 7 + 8 * n. */
export function vocFile(shapes: readonly Shape[]): string {
  const objects = shapes.map(
    ({ label, corners: [xmin, ymin, xmax, ymax] }) =>
      `<object>\n<name>${label}</name>\n<bndbox>\n<xmin>${xmin}</xmin>\n<ymin>${ymin}</ymin>\n` +
      `<xmax>${xmax}</xmax>\n<ymax>${ymax}</ymax>\n</bndbox></object>\n`,
  )
  const size = `<size>\n<width>${side}</width>\n<height>${side}</height>\n</size>`
  return `<annotation>\n<filename>a.png</filename>\n${size}\n${objects.join('')}</annotation>\n`
}

export function zipOf(files: Readonly<Record<string, Uint8Array | string>>): Buffer {
  const entries = Object.entries(files).map(
    ([name, content]) => [name, new Uint8Array(Buffer.from(content))] as const,
  )
  return Buffer.from(zipSync(Object.fromEntries(entries)))
}

/** A Pascal VOC archive of pictures, named 0, 1 ... */
export function vocArchive(all: readonly Picture[]): Buffer {
  const files = all.flatMap(({ png, shapes }, index): [string, Buffer | string][] => [
    [`images/${index}.png`, png],
    [`annotations/${index}.xml`, vocFile(shapes)],
  ])
  return zipOf(Object.fromEntries(files))
}
