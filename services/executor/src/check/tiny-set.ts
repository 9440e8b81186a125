import type { Blobs } from '@ymir/blobs'
import { seededRandom } from '@ymir/detection'
import sharp from 'sharp'
import type { ManifestEntry } from '../contract/manifest.ts'

const size = { width: 160, height: 120 }

/** What is drawn: a class is known by its colour and its shape. */
const kinds = [
  { label: 'square', colour: [220, 60, 50], width: 36, height: 36 },
  { label: 'bar', colour: [50, 90, 220], width: 64, height: 20 },
] as const

export const tinyClassNames: readonly string[] = kinds.map(({ label }) => label)

/**
 * Images with a few rectangles on noise, the same for the same seed; JPEG and PNG in turns. The last one is empty: a set
 * may have such images.
 */
export async function tinySet(blobs: Blobs, count: number, seed: number): Promise<ManifestEntry[]> {
  const random = seededRandom(seed)
  const entries: ManifestEntry[] = []
  for (let index = 0; index < count; index++) {
    const drawn = index === count - 1 ? [] : [kinds[index % 2], ...(random() < 0.5 ? kinds : [])]
    const annotations = drawn.flatMap((kind) => (kind ? [place(kind, random)] : []))
    const format = index % 3 === 2 ? 'png' : 'jpeg'
    const picture = sharp(draw(annotations, random), { raw: { ...size, channels: 3 } })
    const { sha256 } = await blobs.put(await picture.toFormat(format).toBuffer())
    entries.push({ assetId: sha256, format: format === 'png' ? 'png' : 'jpg', ...size, annotations })
  }
  return entries
}

type Annotation = ManifestEntry['annotations'][number]

function place({ label, width, height }: (typeof kinds)[number], random: () => number): Annotation {
  const between = (least: number, most: number) => Math.floor(least + random() * (most - least))
  const box = {
    x: between(0, size.width - width),
    y: between(0, size.height - height),
    width: between(width - 6, width),
    height: between(height - 6, height),
  }
  return { label, box }
}

function draw(annotations: readonly Annotation[], random: () => number): Buffer {
  const pixels = Buffer.from(
    Array.from({ length: size.width * size.height * 3 }, () => 110 + Math.floor(random() * 50)),
  )
  for (const { label, box } of annotations) {
    const [red, green, blue] = kinds.find((kind) => kind.label === label)?.colour ?? [0, 0, 0]
    for (let y = box.y; y < box.y + box.height; y++)
      for (let x = box.x; x < box.x + box.width; x++) pixels.set([red, green, blue], (y * size.width + x) * 3)
  }
  return pixels
}
