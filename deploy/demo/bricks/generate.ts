import { availableParallelism } from 'node:os'
import { kinds, type Kind } from './kinds.ts'
import { toVocXml } from './annotation.ts'
import { takePhotos } from './photo-pool.ts'
import type { PhotoRequest } from './photo.ts'
import { oddEvery, type Bag } from './bag.ts'
import { VocZip } from './voc-zip.ts'

export interface BrickSet {
  /** the first part of each file name */
  readonly name: string
  /** a whole number from 0 to 2^31; sets with different seeds have no photo in common */
  readonly seed: number
  readonly images: number
  /** kinds as often as they are met, rare ones together on few photos; or each kind as often as every other */
  readonly balance: 'natural' | 'balanced'
  /** in pixels; 320 by 240 when absent */
  readonly size?: { readonly width: number; readonly height: number }
}

export interface GenerateOptions {
  /** absent: one for each core */
  readonly threads?: number
  readonly onPhoto?: (done: number, total: number) => void
  readonly signal?: AbortSignal
}

export interface GeneratedSet {
  readonly images: number
  readonly boxes: number
  readonly boxesOfKind: Readonly<Record<Kind, number>>
}

export const photoSize = { width: 320, height: 240 }

/**
 * Writes a Pascal VOC archive of photos of bricks. The same set gives the same bytes, on any number of threads.
 * @throws the signal's reason; the file system's error. What was written until then is no valid archive.
 */
export async function generateBricks(
  set: BrickSet,
  file: string,
  { threads = availableParallelism(), onPhoto, signal }: GenerateOptions = {},
): Promise<GeneratedSet> {
  const frame = { ...(set.size ?? photoSize), margin: 0 }
  const zip = new VocZip(file)
  const boxesOfKind = Object.fromEntries(kinds.map((kind) => [kind, 0])) as Record<Kind, number> // as: of all kinds
  let done = 0
  try {
    for await (const photo of takePhotos(requestsOf(set), threads)) {
      signal?.throwIfAborted()
      const name = photoName(set, done)
      await zip.add(name, photo.jpeg, toVocXml(`${name}.jpg`, frame, photo.bricks))
      for (const { kind } of photo.bricks) boxesOfKind[kind]++
      done++
      onPhoto?.(done, set.images)
    }
    await zip.close()
  } catch (error) {
    zip.abandon()
    throw error
  }
  return { images: done, boxes: Object.values(boxesOfKind).reduce((a, b) => a + b, 0), boxesOfKind }
}

export const photoName = ({ name }: BrickSet, index: number): string =>
  `${name}-${String(index + 1).padStart(5, '0')}`

export function requestsOf({ seed, images, balance, size = photoSize }: BrickSet): PhotoRequest[] {
  return Array.from({ length: images }, (_, index) => ({
    seed: seed * 2 ** 20 + index, // sets of up to a million photos do not overlap
    bag: balance === 'balanced' ? 'balanced' : naturalBag(index),
    ...size,
  }))
}

/** Spread evenly, so that a small set, too, has its share of odd bags. */
const naturalBag = (index: number): Bag => (index % oddEvery === oddEvery - 1 ? 'odd' : 'usual')
