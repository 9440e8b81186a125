import { mkdirSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { demoSets, kinds, requestsOf, takePhotos, type BrickSet } from '@ymir/deploy/bricks'
import { seededRandom } from '@ymir/detection'
import type { LabelledImage } from '@ymir/executor-onnx'
import { XMLParser } from 'fast-xml-parser'
import { unzipSync } from 'fflate'

/** What a learning effect is measured on; boxes in pixels, x and y of the left upper corner. */
export interface LearningSets {
  readonly labels: readonly string[]
  /** labelled at first */
  readonly train: readonly LabelledImage[]
  readonly test: readonly LabelledImage[]
  /** labelled when they are chosen */
  readonly pool: readonly LabelledImage[]
}

/** The demo's three sets, as files. */
export async function brickSets(seed: number, folder: string, threads: number): Promise<LearningSets> {
  const { train, test, pool } = demoSets('full', seed)
  const photos = (set: BrickSet) => photographed(set, folder, threads)
  return {
    labels: kinds,
    ...{ train: await photos(train), test: await photos(test), pool: await photos(pool) },
  }
}

async function photographed(set: BrickSet, folder: string, threads: number): Promise<LabelledImage[]> {
  const images: LabelledImage[] = []
  mkdirSync(join(folder, set.name))
  for await (const { jpeg, bricks } of takePhotos(requestsOf(set), threads)) {
    const path = join(folder, set.name, `${images.length}.jpg`)
    writeFileSync(path, jpeg)
    const objects = bricks.map(({ kind, ...corners }) => ({ label: kind, box: boxOf(corners) }))
    images.push({ path, objects })
  }
  return images
}

/** Two Pascal VOC archives: of the first, `start` images drawn by the seed are labelled at first, the others are the pool. */
export async function vocSets(
  { train, test, start, seed }: { train: string; test: string; start: number; seed: number },
  folder: string,
): Promise<LearningSets> {
  const random = seededRandom(seed)
  const images = await vocImages(train, join(folder, 'train'))
  const drawn = images
    .map((image) => ({ image, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ image }) => image)
  const tested = await vocImages(test, join(folder, 'test'))
  const labels = new Set([...images, ...tested].flatMap(({ objects }) => objects.map(({ label }) => label)))
  return {
    labels: [...labels].sort(),
    ...{ train: drawn.slice(0, start), pool: drawn.slice(start), test: tested },
  }
}

interface VocFile {
  readonly annotation: {
    readonly object?: readonly {
      readonly name: string
      readonly bndbox: Readonly<Record<keyof Corners, number>>
    }[]
  }
}

/** The images of an archive with their boxes; a box without area is left out. */
async function vocImages(archive: string, folder: string): Promise<LabelledImage[]> {
  const files = unzipSync(await readFile(archive))
  const parser = new XMLParser({ isArray: (name) => name === 'object' })
  const stem = (name: string) => basename(name, extname(name))
  const annotations = new Map(
    Object.entries(files)
      .filter(([name]) => name.endsWith('.xml'))
      .map(([name, bytes]) => [stem(name), parser.parse(Buffer.from(bytes)) as VocFile]),
  )
  mkdirSync(folder)
  return Object.entries(files).flatMap(([name, bytes]) => {
    const known = annotations.get(stem(name))
    if (!known || !/\.(jpe?g|png)$/i.test(name)) return []
    const path = join(folder, basename(name))
    writeFileSync(path, bytes)
    const objects = (known.annotation.object ?? [])
      .filter(({ bndbox }) => bndbox.xmax > bndbox.xmin && bndbox.ymax > bndbox.ymin)
      .map(({ name: label, bndbox }) => ({ label, box: boxOf(bndbox) }))
    return [{ path, objects }]
  })
}

interface Corners {
  readonly xmin: number
  readonly ymin: number
  readonly xmax: number
  readonly ymax: number
}

/** Pascal VOC counts the last pixel in. */
function boxOf({ xmin, ymin, xmax, ymax }: Corners) {
  return { x: xmin, y: ymin, width: xmax - xmin + 1, height: ymax - ymin + 1 }
}
