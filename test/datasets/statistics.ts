import { anImage, aVocFile } from '@ymir/dataset/testing'
import { waitUntil } from '@ymir/service'
import sharp from 'sharp'
import { beforeAll, expect, test } from 'vitest'
import { aDatasetProject, type DatasetProject, type Version } from '../testing/dataset.ts'
import type { TestPlatform } from '../testing/platform.ts'
import { onePlatform } from './one-platform.ts'
import { pictures, vocArchive } from '../testing/shapes.ts'

let ymir: TestPlatform
let project: DatasetProject

beforeAll(async () => {
  ymir = await onePlatform()
  project = await aDatasetProject(ymir.client, 'statistics', ['disc', 'square'])
}, 120_000)

const disc = (...corners: number[]) => ({ name: 'disc', corners })
const square = (...corners: number[]) => ({ name: 'square', corners })

test('a version knows its labels, its negatives and how large its boxes and images are', async () => {
  const { id } = await project.versionOf({
    'images/a.jpg': await anImage({ tone: 1 }),
    'annotations/a.xml': aVocFile([disc(1, 1, 10, 10), square(11, 1, 50, 40)]),
    'images/b.jpg': await anImage({ tone: 2, width: 200, height: 150 }),
    'annotations/b.xml': aVocFile([disc(1, 1, 10, 10), disc(21, 1, 30, 10)], { width: 200, height: 150 }),
    'images/c.jpg': await anImage({ tone: 3 }),
  })
  interface Found {
    readonly statistics: Readonly<Record<string, { from: number; to: number | null; count: number }[]>>
  }
  const bins = '{ from to count }'
  const found = await project.of<Found>(
    id,
    `assetCount annotationCount negativeCount labels { label annotationCount assetCount }
     statistics { boxAreas ${bins} boxAspects ${bins} imageAreas ${bins} annotationsPerAsset ${bins} }`,
  )
  expect(found).toMatchObject({
    ...{ assetCount: 3, annotationCount: 4, negativeCount: 1 },
    labels: [
      { label: 'disc', annotationCount: 3, assetCount: 2 },
      { label: 'square', annotationCount: 1, assetCount: 1 },
    ],
  })
  const filled = (name: string) => found.statistics[name]!.filter(({ count }) => count > 0)
  expect(filled('boxAreas')).toEqual([
    { from: 64, to: 256, count: 3 }, // 10 x 10
    { from: 1024, to: 4096, count: 1 }, // 40 x 40
  ])
  expect(filled('boxAspects')).toEqual([{ from: 4 / 5, to: 5 / 4, count: 4 }])
  expect(filled('imageAreas')).toEqual([
    { from: 0, to: 128 ** 2, count: 2 },
    { from: 128 ** 2, to: 256 ** 2, count: 1 },
  ])
  expect(filled('annotationsPerAsset').map(({ from, count }) => [from, count])).toEqual([
    [0, 1],
    [2, 2],
  ])
})

test('labels of very different numbers are warned of, and two versions are compared label by label', async () => {
  const discs = Array.from({ length: 24 }, (_, index) => disc(index + 1, 1, index + 9, 9))
  const uneven = await project.versionOf({
    'images/a.jpg': await anImage({ tone: 4 }),
    'annotations/a.xml': aVocFile([...discs, square(1, 1, 20, 20)]),
  })
  const { statistics } = await project.of<{ statistics: object }>(
    uneven.id,
    'statistics { imbalance { mostFrequent leastFrequent ratio rare message } }',
  )
  expect(statistics).toEqual({
    imbalance: {
      ...{ mostFrequent: 'disc', leastFrequent: 'square', ratio: 24, rare: ['square'] },
      message: expect.stringContaining('"disc" has 24 annotations, "square" 1 (24 to 1)') as string,
    },
  })

  const discsOnly = await project.made('relabelVersion', { versionId: uneven.id, drop: ['square'] })
  const query = `query ($from: ID!, $to: ID!) { compareStatistics(from: $from, to: $to) {
    from { id } to { annotationCount }
    labels { label annotationCountFrom annotationCountTo assetCountFrom assetCountTo } } }`
  const compared = await ymir.client.ask(query, { from: uneven.id, to: discsOnly.id })
  const of = (label: string, from: number[], to: number[]) => ({
    ...{ label, annotationCountFrom: from[0], annotationCountTo: to[0] },
    ...{ assetCountFrom: from[1], assetCountTo: to[1] },
  })
  expect(compared).toEqual({
    compareStatistics: {
      from: { id: uneven.id },
      to: { annotationCount: 24 },
      labels: [of('disc', [24, 1], [24, 1]), of('square', [1, 1], [0, 0])],
    },
  })
})

/** A picture of smooth random patches; another seed looks different. */
async function aView(seed: number): Promise<Buffer> {
  const cells = Buffer.from(
    Array.from({ length: 90 }, (_, index) => (seed * 7919 + index * index * 131) % 251),
  )
  return sharp(cells, { raw: { width: 6, height: 5, channels: 3 } })
    .resize(320, 240, { kernel: 'cubic' })
    .png()
    .toBuffer()
}

test('images that look alike are found within a version and between a training set and a test set', async () => {
  const [one, other, third] = [await aView(1), await aView(29), await aView(47)]
  const smaller = await sharp(one).resize(160).jpeg().toBuffer()
  const train = await project.versionOf({ 'a.png': one, 'b.jpg': smaller, 'c.png': other })
  const held = await project.versionOf({ 'b.jpg': smaller, 'c.png': other, 'd.png': third })

  interface Found {
    readonly nearDuplicates: { readonly hashedShare: number }
    readonly assets: { edges: { node: { width: number; similar: object[] } }[] }
  }
  const fields = `nearDuplicates { hashedShare complete groupCount redundantCount groups { width } }
    assets { edges { node { width similar(maxDistance: 6) { distance asset { width } } } } }`
  const hashed = (version: Version) =>
    waitUntil(
      'all images to be hashed',
      async () => {
        const found = await project.of<Found>(version.id, fields)
        return found.nearDuplicates.hashedShare === 1 && found
      },
      { timeoutMs: 45_000 },
    )
  const [found] = [await hashed(train), await hashed(held)]
  expect(found.nearDuplicates).toMatchObject({ complete: true, groupCount: 1, redundantCount: 1 })
  const near = found.assets.edges.map(({ node }) => [node.width, node.similar.length])
  expect(near.sort()).toEqual([
    [160, 1],
    [320, 0],
    [320, 1],
  ])

  const leakage = `query ($train: ID!, $test: ID!) {
    datasetLeakage(trainVersionId: $train, testVersionId: $test) {
      complete hashedShare identicalCount nearCount identical { id } near { train { id } } } }`
  const excluded = await project.made('excludeVersions', {
    versionId: train.id,
    excludeVersionIds: [held.id],
  })
  expect(excluded.assetCount).toBe(1) // only `one`, which looks like a test image
  const leaked = (trainId: string) => ymir.client.ask(leakage, { train: trainId, test: held.id })
  expect(await leaked(train.id)).toMatchObject({
    datasetLeakage: { complete: true, hashedShare: 1, identicalCount: 2, nearCount: 0 },
  })
  expect(await leaked(excluded.id)).toMatchObject({
    datasetLeakage: { identicalCount: 0, nearCount: 1, identical: [], near: [{ train: {} }] },
  })
}, 90_000)

interface Node {
  readonly id: string
  readonly width: number
  readonly url: string
  readonly thumbnailUrl: string
}

async function browse(id: string, choice: object): Promise<{ totalCount: number; nodes: Node[] }> {
  const types = ', $first: Int, $after: String, $filter: AssetFilter, $orderBy: AssetOrder'
  const { assets } = await project.of<{
    assets: { totalCount: number; edges: { node: Node }[] }
  }>(
    id,
    `assets(first: $first, after: $after, filter: $filter, orderBy: $orderBy) { totalCount edges { node { id width url thumbnailUrl } } }`,
    { first: 500, ...choice },
    types,
  )
  return { totalCount: assets.totalCount, nodes: assets.edges.map(({ node }) => node) }
}

test('a version is browsed page by page, in an order, through a filter and by chance', async () => {
  const widths = [60, 90, 70, 80, 100]
  const files: Record<string, Buffer> = {}
  for (const [index, width] of widths.entries())
    files[`${width}.jpg`] = await anImage({ width, tone: 100 + index })
  const { id } = await project.versionOf(files)

  const orderBy = { by: 'IMAGE_WIDTH', direction: 'DESCENDING' }
  const ordered = await browse(id, { orderBy })
  expect(ordered.nodes.map(({ width }) => width)).toEqual([100, 90, 80, 70, 60])
  const filtered = await browse(id, { filter: { imageWidth: { min: 70, max: 90 } }, orderBy })
  expect([filtered.totalCount, ...filtered.nodes.map(({ width }) => width)]).toEqual([3, 90, 80, 70])

  interface Page {
    readonly assets: {
      pageInfo: { endCursor: string; hasNextPage: boolean }
      edges: { node: { width: number } }[]
    }
  }
  const turned: number[] = []
  let after: string | null = null
  for (let more = true; more;) {
    const { assets }: Page = await project.of<Page>(
      id,
      `assets(first: 2, after: $after, orderBy: { by: IMAGE_WIDTH }) { pageInfo { endCursor hasNextPage } edges { node { width } } }`,
      { after },
      ', $after: String',
    )
    turned.push(...assets.edges.map(({ node }) => node.width))
    ;[after, more] = [assets.pageInfo.endCursor, assets.pageInfo.hasNextPage]
  }
  expect(turned).toEqual([60, 70, 80, 90, 100])

  const chosen = async (seed: number, filter: object) =>
    (
      await project.of<{ randomAssets: { id: string; width: number }[] }>(
        id,
        'randomAssets(count: 2, seed: $seed, filter: $filter) { id width }',
        { seed, filter },
        ', $seed: Float!, $filter: AssetFilter',
      )
    ).randomAssets
  expect(await chosen(3, {})).toEqual(await chosen(3, {}))
  const draws = await Promise.all([1, 2, 3, 4, 5, 6].map((seed) => chosen(seed, {})))
  expect(new Set(draws.map((draw) => JSON.stringify(draw))).size).toBeGreaterThan(1)
  expect((await chosen(1, { imageWidth: { max: 60 } })).map(({ width }) => width)).toEqual([60])
})

test('images and thumbnails come in parts and with headers that let a browser keep them', async () => {
  const { id } = await project.versionOf(vocArchive(await pictures(1, 77)))
  const [node] = (await browse(id, {})).nodes
  for (const path of [node!.url, `${node!.thumbnailUrl}?size=64`]) {
    const whole = await ymir.client.get(path)
    const bytes = Buffer.from(await whole.arrayBuffer())
    expect(whole.headers.get('cache-control')).toMatch(/private, max-age=31536000, immutable/)
    const part = await ymir.client.get(path, { range: 'bytes=4-9' })
    expect([part.status, part.headers.get('content-range')]).toEqual([206, `bytes 4-9/${bytes.length}`])
    expect(Buffer.from(await part.arrayBuffer())).toEqual(bytes.subarray(4, 10))
    const known = await ymir.client.get(path, { 'if-none-match': whole.headers.get('etag')! })
    expect(known.status).toBe(304)
    expect((await ymir.client.get(path, { range: `bytes=${bytes.length}-` })).status).toBe(416)
    expect((await ymir.client.withToken('').get(path)).status).toBe(401)
  }
  expect((await ymir.client.get(`${node!.thumbnailUrl}?size=x`)).status).toBe(400)

  const wide = await project.versionOf({ 'wide.jpg': await anImage({ width: 1_200, height: 600, tone: 78 }) })
  const [shown] = (await browse(wide.id, {})).nodes
  const sizes = ['', '?size=1', '?size=65', '?size=512', '?size=9000'].map(async (query) => {
    const bytes = await ymir.client.download(`${shown!.thumbnailUrl}${query}`)
    const { format, width, height } = await sharp(bytes).metadata()
    return [format, width, height]
  })
  expect(await Promise.all(sizes)).toEqual([
    ...[256, 64, 128, 512, 1_024].map((side) => ['webp', side, side / 2]), // the next larger of five sizes
  ])
})
