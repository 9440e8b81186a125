import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { seededRandom } from '@ymir/detection'
import { unzipSync } from 'fflate'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pour } from './bag.ts'
import { generateBricks, requestsOf, type BrickSet } from './generate.ts'
import { frequencies, isRare, kinds, type Kind } from './kinds.ts'
import { demoSets } from './sets.ts'

let folder: string
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'bricks-'))))
afterAll(() => rm(folder, { recursive: true }))

const aSet: BrickSet = {
  name: 'few',
  seed: 3,
  images: 5,
  balance: 'natural',
  size: { width: 80, height: 60 },
}

describe('an archive of bricks', () => {
  it('is the same, byte for byte, on one thread and on two', async () => {
    const files = await Promise.all(
      [1, 2].map(async (threads) => {
        const file = join(folder, `${threads}.zip`)
        await generateBricks(aSet, file, { threads })
        return readFile(file)
      }),
    )
    expect(files[0]!.length).toBeGreaterThan(1000)
    expect(files[1]!.equals(files[0]!)).toBe(true)
    expect(Object.keys(unzipSync(files[0]!))).toHaveLength(2 * aSet.images)
  })

  it('has an annotation for each image, and counts its boxes', async () => {
    const file = join(folder, 'counted.zip')
    const progress: number[] = []
    const report = await generateBricks(aSet, file, { threads: 2, onPhoto: (done) => progress.push(done) })
    const entries = unzipSync(await readFile(file))
    const names = Object.keys(entries)
    const images = names.filter((name) => name.startsWith('images/'))
    expect(images).toHaveLength(5)
    for (const image of images) {
      expect(entries[image]!.subarray(0, 3)).toEqual(Uint8Array.of(0xff, 0xd8, 0xff)) // JPEG
      expect(names).toContain(image.replace('images/', 'annotations/').replace('.jpg', '.xml'))
    }
    const texts = Object.values(entries).map((bytes) => new TextDecoder().decode(bytes))
    const boxes = texts.reduce((sum, text) => sum + (text.match(/<bndbox>/g)?.length ?? 0), 0)
    expect(report).toMatchObject({ images: 5, boxes })
    expect(progress).toEqual([1, 2, 3, 4, 5])
  })

  it('stops when it is told to', async () => {
    const stop = new AbortController()
    const options = { threads: 1, signal: stop.signal, onPhoto: () => stop.abort(new Error('enough')) }
    await expect(generateBricks(aSet, join(folder, 'stopped.zip'), options)).rejects.toThrow('enough')
  })

  it('cannot be written where there is no folder', async () => {
    const nowhere = join(folder, 'missing', 'a.zip')
    await expect(generateBricks(aSet, nowhere, { threads: 1 })).rejects.toThrow('ENOENT')
  })
})

describe('the kinds', () => {
  it('are met as often as their frequencies say, rare ones on few photos', () => {
    const { counts, photosWithRare, photos } = meet({ ...demoSets('full', 1).pool, images: 6000 })
    const total = sum(Object.values(counts))
    const expected = sum(Object.values(frequencies))
    for (const kind of kinds) {
      const share = counts[kind] / total / (frequencies[kind] / expected)
      expect(share, kind).toBeGreaterThan(0.8)
      expect(share, kind).toBeLessThan(1.25)
    }
    expect(photosWithRare / photos).toBeLessThan(0.25)
  })

  it('are all alike in the test set', () => {
    const { counts } = meet(demoSets('full', 1).test)
    for (const kind of kinds) expect(counts[kind], kind).toBeGreaterThanOrEqual(20)
  })

  it('of the sets of one seed and of the next are other photos', () => {
    const seeds = [1, 2].flatMap((seed) => Object.values(demoSets('full', seed)).flatMap(requestsOf))
    expect(new Set(seeds.map(({ seed }) => seed)).size).toBe(seeds.length)
  })
})

/** What is poured for the photos of a set, seen in them or not. */
function meet(set: BrickSet) {
  const counts = Object.fromEntries(kinds.map((kind) => [kind, 0])) as Record<Kind, number> // as: all kinds
  let photosWithRare = 0
  const requests = requestsOf(set)
  for (const { seed, bag } of requests) {
    const met = pour(seededRandom(seed), bag)
    for (const kind of met) counts[kind]++
    if (met.some(isRare)) photosWithRare++
  }
  return { counts, photosWithRare, photos: requests.length }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0)
