import { countInWord } from '../page/bits.ts'
import sharp from 'sharp'

/** 64 bits of what an image looks like, in two words. */
export interface DifferenceHash {
  readonly high: number
  readonly low: number
}

/**
 * dHash (N. Krawetz, "Kind of Like That", hackerfactor.com, 2013): the image in grey at 9 x 8 pixels; each bit tells whether a
 * pixel is brighter than its right neighbour. Survives scaling, other compression and small changes of light and colour;
 * turning, mirroring and cropping change it. Plain images all have the hash 0.
 * @param maxPixels what claims to be larger is refused
 * @throws Error when the bytes are no image
 */
export async function differenceHash(bytes: Uint8Array, maxPixels: number): Promise<DifferenceHash> {
  const grey = await sharp(bytes, { limitInputPixels: maxPixels })
    .timeout({ seconds: 20 })
    .flatten({ background: 'white' })
    .greyscale()
    .resize(9, 8, { fit: 'fill' })
    .raw()
    .toBuffer()
  const words = [0, 0]
  for (let row = 0; row < 8; row++)
    for (let column = 0; column < 8; column++) {
      const place = row * 9 + column
      if (grey[place]! > grey[place + 1]!) words[row >> 2]! |= 1 << ((row & 3) * 8 + column)
    }
  return { high: words[0]! >>> 0, low: words[1]! >>> 0 }
}

/** In how many of 64 bits two hashes differ: up to about 10 they are likely the same picture. */
export function distance(one: DifferenceHash, other: DifferenceHash): number {
  return countInWord(one.high ^ other.high) + countInWord(one.low ^ other.low)
}
