/**
 * How far apart different images of an archive lie, and copies of one image in other sizes and compression: in bits of the perceptual
 * hash and, with a model of the reference executor, in cosine distance of its embeddings. Between the two lie the limits of
 * de-duplication (docs/mining.md).
 * `npx tsx bench/duplicate-distances.bench.ts archive.zip [model.onnx]`
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DifferenceHash, differenceHash, distance } from '@ymir/dataset/testing'
import { detectImages, Detector } from '@ymir/executor-onnx'
import { dot, vectorsOf } from '@ymir/mining/testing'
import { unzipSync } from 'fflate'
import sharp from 'sharp'

const [archive, model] = process.argv.slice(2)
if (!archive) throw new Error('usage: npx tsx bench/duplicate-distances.bench.ts archive.zip [model.onnx]')
const copiedImages = 12

/** What an image is known by. */
interface Known {
  readonly hash: DifferenceHash
  readonly embedding: Float32Array | undefined
}

const images = Object.entries(unzipSync(readFileSync(archive)))
  .filter(([name]) => /\.(jpe?g|png)$/i.test(name))
  .map(([, bytes]) => Buffer.from(bytes))
const known = await lookAt(images)
const copies = await lookAt((await Promise.all(images.slice(0, copiedImages).map(copiesOf))).flat())
const perImage = copies.length / Math.min(copiedImages, images.length)
const others = known.map((one) =>
  nearest(known.filter((other) => other !== one).map((other) => between(one, other))),
)
const copied = copies.map((copy, index) => between(copy, known[Math.floor(index / perImage)]!))
const bits = (distances: readonly Distance[]) => rangeOf(distances.map((one) => one.bits))
const cosine = (distances: readonly Distance[]) => rangeOf(distances.flatMap((one) => one.cosine ?? []))
console.log(
  `bench duplicate-distances: nearest other of ${images.length} images ${bits(others)} bits, cosine ${cosine(others)}; ` +
    `${copies.length} copies ${bits(copied)} bits, cosine ${cosine(copied)}`,
)

/** The same picture as others may keep it. */
async function copiesOf(image: Buffer): Promise<Buffer[]> {
  const { width } = await sharp(image).metadata()
  const scaled = (share: number) => sharp(image).resize({ width: Math.round(width * share) })
  return Promise.all([
    ...[70, 40].map((quality) => sharp(image).jpeg({ quality }).toBuffer()),
    ...[0.8, 0.5].map((share) => scaled(share).jpeg({ quality: 90 }).toBuffer()),
  ])
}

async function lookAt(looked: readonly Buffer[]): Promise<Known[]> {
  const embeddings = model ? await embed(looked, model) : []
  const hashes = await Promise.all(looked.map((image) => differenceHash(image, 1e8)))
  return hashes.map((hash, index) => ({ hash, embedding: embeddings[index] }))
}

async function embed(looked: readonly Buffer[], file: string): Promise<(Float32Array | undefined)[]> {
  const folder = mkdtempSync(join(tmpdir(), 'ymir-bench-duplicates-'))
  const detector = await Detector.load(readFileSync(file), 1)
  try {
    const paths = looked.map((image, index) => {
      const path = join(folder, `${index}.jpg`)
      writeFileSync(path, image)
      return path
    })
    const embeddings: (Float32Array | undefined)[] = []
    const options = { scoreThreshold: 0.5, overlapThreshold: 0.5, batchSize: 8 }
    for await (const { embedding } of detectImages(detector, paths, options)) embeddings.push(embedding)
    return embeddings
  } finally {
    await detector.release()
    rmSync(folder, { recursive: true })
  }
}

interface Distance {
  readonly bits: number
  readonly cosine: number | undefined
}

function between(a: Known, b: Known): Distance {
  const cosine = a.embedding && b.embedding && cosineDistance(a.embedding, b.embedding)
  return { bits: distance(a.hash, b.hash), cosine }
}

function cosineDistance(a: Float32Array, b: Float32Array): number {
  const [squaredA = 0, squaredB = 0] = vectorsOf([a, b]).squaredNorms
  return 1 - dot(a, 0, b, 0, a.length) / Math.sqrt(squaredA * squaredB)
}

/** Nearest by bits and nearest by cosine may be two. */
function nearest(distances: readonly Distance[]): Distance {
  const cosines = distances.flatMap(({ cosine: one }) => one ?? [])
  return {
    bits: Math.min(...distances.map((one) => one.bits)),
    cosine: cosines.length ? Math.min(...cosines) : undefined,
  }
}

function rangeOf(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b)
  if (!sorted.length) return 'unknown'
  const figures = [sorted[0]!, sorted[Math.floor(sorted.length / 2)]!, sorted.at(-1)!]
  return figures.map((one) => one.toPrecision(2)).join(' / ')
}
