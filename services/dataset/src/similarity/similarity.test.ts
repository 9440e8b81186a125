import { createHash } from 'node:crypto'
import fc from 'fast-check'
import type { UserCaller } from '@ymir/graphql'
import { waitUntil } from '@ymir/service'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { anArchive } from '../testing/archive.ts'
import { aUser, startTestService, type TestService } from '../testing/service.ts'
import { SerialSet } from '../page/serial-set.ts'
import { differenceHash, distance } from './difference-hash.ts'
import { HashIndex } from './hash-index.ts'
import { nearGroups, nearPairs } from './near.ts'

let service: TestService
let owner: UserCaller
let projectId: string

beforeAll(async () => {
  service = await startTestService()
  const project = await service.aProject()
  owner = project.owner
  projectId = project.projectId
})
afterAll(() => service.stop())

/** A picture of smooth random patches; another seed looks different. */
async function aPicture(seed: number, width = 320): Promise<Buffer> {
  const cells = Buffer.alloc(6 * 5 * 3)
  let state = seed * 2_654_435_761 + 1
  for (let index = 0; index < cells.length; index++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    cells[index] = state >>> 24
  }
  return sharp(cells, { raw: { width: 6, height: 5, channels: 3 } })
    .resize(width, (width * 3) / 4, { kernel: 'cubic' })
    .png()
    .toBuffer()
}

const smaller = (picture: Buffer) => sharp(picture).resize(200).jpeg({ quality: 70 }).toBuffer()

async function aVersion(files: Record<string, Buffer>): Promise<string> {
  const { version, problem } = await service.importArchive(anArchive(files), { projectId }, owner)
  expect(problem).toBeNull()
  return version.id
}

const similarQuery = `query ($id: ID!, $maxDistance: Int!) { datasetVersion(id: $id) {
  assets { edges { node { id width similar(maxDistance: $maxDistance) { distance asset { width } } } } }
  nearDuplicates { groupCount redundantCount hashedShare complete groups { width } } } }`

test('an image leads to its smaller copy and not to others, once hashes are there', async () => {
  const [one, other] = [await aPicture(1), await aPicture(2)]
  const id = await aVersion({
    'images/a.png': one,
    'images/b.jpg': await smaller(one),
    'images/c.png': other,
  })

  const before = (await service.ask(similarQuery, { id, maxDistance: 10 }, owner)).data.datasetVersion
  await service.hashing.hashAll()
  const { data } = await service.ask(similarQuery, { id, maxDistance: 10 }, owner)

  expect(before.nearDuplicates).toMatchObject({ groupCount: 0, hashedShare: 0 })
  expect(before.assets.edges[0].node.similar).toEqual([])
  const likeOf = Object.fromEntries(
    data.datasetVersion.assets.edges.map(
      ({ node }: { node: { width: number; similar: unknown[] } }, index: number) => [
        `${index} ${node.width}`,
        node.similar.length,
      ],
    ),
  )
  expect(Object.values(likeOf)).toEqual([1, 1, 0])
  expect(data.datasetVersion.nearDuplicates).toEqual({
    ...{ groupCount: 1, redundantCount: 1, hashedShare: 1, complete: true },
    groups: [[{ width: 320 }, { width: 200 }]],
  })
})

test('hashes come in the order asked for, to those who may see the version', async () => {
  const [one, other] = [await aPicture(31), await aPicture(32)]
  const id = await aVersion({ 'images/a.png': one })
  await aVersion({ 'images/b.png': other })
  await service.hashing.hashAll()
  const query = `query ($id: ID!, $assetIds: [ID!]!) {
    datasetVersion(id: $id) { perceptualHashes(assetIds: $assetIds) } }`
  const assetIds = [other, one].map((bytes) => createHash('sha256').update(bytes).digest('hex'))

  const { data } = await service.ask(query, { id, assetIds }, owner)

  const words = await differenceHash(one, 1e6)
  const [elsewhere, [high, low]] = [
    data.datasetVersion.perceptualHashes[0],
    data.datasetVersion.perceptualHashes[1].match(/.{8}/g),
  ]
  expect(elsewhere).toBeNull()
  expect({ high: parseInt(high, 16), low: parseInt(low, 16) }).toEqual(words)
  const stranger = await service.ask(query, { id, assetIds }, aUser())
  expect(stranger.errors?.[0]?.extensions.code).toBe('FORBIDDEN')
  const malformed = await service.ask(query, { id, assetIds: ['../a'] }, owner)
  expect(malformed.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT')
})

test('leakage names equal bytes and equal looks apart', async () => {
  const [shared, resized, mine, yours] = await Promise.all([11, 12, 13, 14].map((seed) => aPicture(seed)))
  const trainVersionId = await aVersion({
    'images/a.png': shared!,
    'images/b.png': resized!,
    'images/c.png': mine!,
  })
  const testVersionId = await aVersion({
    'images/a.png': shared!,
    'images/b.jpg': await smaller(resized!),
    'images/c.png': yours!,
  })
  await service.hashing.hashAll()
  const leakage = `query ($trainVersionId: ID!, $testVersionId: ID!) {
    datasetLeakage(trainVersionId: $trainVersionId, testVersionId: $testVersionId) {
      identicalCount identical { width } nearCount near { test { width } train { width } } hashedShare complete } }`

  const { data } = await service.ask(leakage, { trainVersionId, testVersionId }, owner)

  expect(data.datasetLeakage).toEqual({
    ...{ identicalCount: 1, identical: [{ width: 320 }], hashedShare: 1, complete: true },
    ...{ nearCount: 1, near: [{ test: { width: 200 }, train: { width: 320 } }] },
  })
  const stranger = await service.ask(leakage, { trainVersionId, testVersionId }, aUser())
  expect(stranger.errors?.[0]?.extensions.code).toBe('FORBIDDEN')
})

test('an image whose bytes are gone is looked at once and gets no hash', async () => {
  const id = await aVersion({ 'images/a.png': await aPicture(21) })
  const { data } = await service.ask(similarQuery, { id, maxDistance: 10 }, owner)
  await service.blobs.remove(data.datasetVersion.assets.edges[0].node.id, new Date(Date.now() + 5_000))

  await service.hashing.hashAll()

  const after = await service.ask(similarQuery, { id, maxDistance: 10 }, owner)
  expect(after.data.datasetVersion.nearDuplicates.hashedShare).toBe(0)
})

const aHash = fc.record({ high: fc.nat(0xffffffff), low: fc.nat(0xffffffff) })
// few bits and near relatives, so that there is something to be found
const hashes = fc.array(
  fc.tuple(
    fc.constantFrom({ high: 0, low: 0 }, { high: 0xf0f0, low: 7 }),
    fc.array(fc.nat(63), { maxLength: 4 }),
  ),
  { maxLength: 25 },
)
const listOf = (images: readonly { serial: number; hash: { high: number; low: number } }[]) => ({
  length: images.length,
  serials: Uint32Array.from(images, ({ serial }) => serial),
  high: Uint32Array.from(images, ({ hash }) => hash.high),
  low: Uint32Array.from(images, ({ hash }) => hash.low),
})
const imagesOf = (made: readonly (readonly [{ high: number; low: number }, readonly number[]])[], from = 0) =>
  made.map(([{ high, low }, flipped], index) => {
    const hash = { high, low }
    for (const bit of flipped)
      if (bit < 32) hash.high = (hash.high ^ (1 << bit)) >>> 0
      else hash.low = (hash.low ^ (1 << (bit - 32))) >>> 0
    return { serial: from + index, hash }
  })

test('bands find the pairs that comparing all finds', async () => {
  await fc.assert(
    fc.asyncProperty(hashes, hashes, fc.nat(3), async (some, others, maxDistance) => {
      const [images, like] = [imagesOf(some), imagesOf(others, 100)]

      const { pairs, complete } = await nearPairs(listOf(images), listOf(like), maxDistance)

      const wanted = images.filter(({ hash }) => like.some((one) => distance(one.hash, hash) <= maxDistance))
      expect(pairs.map(({ serial }) => serial)).toEqual(wanted.map(({ serial }) => serial))
      expect(complete).toBe(true)
    }),
  )
})

test('groups are the connected parts of what comparing all finds', async () => {
  await fc.assert(
    fc.asyncProperty(hashes, fc.nat(3), async (made, maxDistance) => {
      const images = imagesOf(made)
      const { groups } = await nearGroups(listOf(images), maxDistance)

      const groupOf = images.map((_, index) => index)
      for (const _ of images)
        for (const [a, one] of images.entries())
          for (const [b, other] of images.entries())
            if (distance(one.hash, other.hash) <= maxDistance)
              groupOf[a] = groupOf[b] = Math.min(groupOf[a]!, groupOf[b]!)
      const parts = Object.values(partsOf(groupOf))
      const wanted = parts.filter((part) => part.length > 1).map((part) => part.join())
      expect(new Set(groups.map((group) => group.join()))).toEqual(new Set(wanted))
    }),
  )
})

function partsOf(groupOf: readonly number[]): Record<number, number[]> {
  const parts: Record<number, number[]> = {}
  for (const [index, group] of groupOf.entries()) (parts[group] ??= []).push(index)
  return parts
}

test('the index gives what comparing one by one gives', () => {
  fc.assert(
    fc.property(fc.array(aHash, { maxLength: 50 }), aHash, fc.nat(64), (all, wanted, maxDistance) => {
      const index = new HashIndex()
      for (const [serial, hash] of all.entries()) index.set(serial * 3, hash)
      const found = index.near(wanted, SerialSet.of(all.map((_, serial) => serial * 3)), maxDistance)
      expect(found.map(({ serial }) => serial).sort((a, b) => a - b)).toEqual(
        [...all.keys()].filter((at) => distance(all[at]!, wanted) <= maxDistance).map((at) => at * 3),
      )
    }),
  )
})

test('the hash outlives scaling and compression, and tells pictures apart', async () => {
  const [one, other] = [await aPicture(31, 640), await aPicture(32, 640)]
  const hash = await differenceHash(one, 1e7)
  expect(distance(hash, await differenceHash(await smaller(one), 1e7))).toBeLessThanOrEqual(3)
  expect(distance(hash, await differenceHash(other, 1e7))).toBeGreaterThan(15)
})

test('the images of an import are looked at when it has ended, and not at the next round', async () => {
  service.imports.whenEnded(service.hashing.look) // nothing else looks here
  const picture = await aPicture(43)
  const id = await aVersion({ 'images/a.png': picture, 'images/b.jpg': await smaller(picture) })
  await waitUntil('the hashes', async () => {
    const { data } = await service.ask(similarQuery, { id, maxDistance: 10 }, owner)
    return data.datasetVersion.nearDuplicates.hashedShare === 1
  })
  const { data } = await service.ask(similarQuery, { id, maxDistance: 10 }, owner)
  expect(data.datasetVersion.nearDuplicates).toMatchObject({ groupCount: 1, redundantCount: 1 })
  await service.hashing.stop()
})
