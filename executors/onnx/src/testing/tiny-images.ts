/** Images with a disc and a square each, for tests: learnt in seconds. */
import { join } from 'node:path'
import { seededRandom } from '@ymir/detection'
import sharp from 'sharp'
import type { LabelledImage } from '../objects.ts'

const SIDE = 64

/** Writes PNG files named `0.png`, `1.png` ... */
export async function tinyImages(folder: string, count: number): Promise<LabelledImage[]> {
  const random = seededRandom(11)
  const images: LabelledImage[] = []
  for (let index = 0; index < count; index++) {
    const size = () => 14 + Math.floor(random() * 6)
    const [discSize, squareSize] = [size(), size()]
    const place = (from: number, length: number) => from + Math.floor(random() * (SIDE / 2 - length))
    // the disc in the left half, the square in the right one
    const disc = { x: place(0, discSize), y: place(0, discSize) * 2, width: discSize, height: discSize }
    const square = {
      x: place(SIDE / 2, squareSize),
      y: place(0, squareSize) * 2,
      width: squareSize,
      height: squareSize,
    }
    const radius = discSize / 2
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${SIDE}" height="${SIDE}">
      <rect width="100%" height="100%" fill="#446"/>
      <circle cx="${disc.x + radius}" cy="${disc.y + radius}" r="${radius}" fill="#fc4"/>
      <rect x="${square.x}" y="${square.y}" width="${squareSize}" height="${squareSize}" fill="#4d8"/></svg>`
    const path = join(folder, `${index}.png`)
    await sharp(Buffer.from(svg)).removeAlpha().toFile(path)
    images.push({
      path,
      objects: [
        { label: 'disc', box: disc },
        { label: 'square', box: square },
      ],
    })
  }
  return images
}
