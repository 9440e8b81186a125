import { anImage, aVocFile } from '@ymir/dataset/testing'
import { beforeAll, describe, expect, test } from 'vitest'
import { aDatasetProject, type DatasetProject, type Version } from '../testing/dataset.ts'
import type { TestPlatform } from '../testing/platform.ts'
import { onePlatform } from './one-platform.ts'

let ymir: TestPlatform
let project: DatasetProject
/** Images 0 to 9, `width` 60 + index; see `facts`. */
let base: Version
let assetIds: string[]

beforeAll(async () => {
  ymir = await onePlatform()
  project = await aDatasetProject(ymir.client, 'operations', ['disc', 'square', 'ring'])
  base = await project.versionOf(await facts())
  assetIds = await assetsOf(base.id)
}, 120_000)

/** Ten images: discs in all but the last, as many as index modulo 3 plus 1; a square in the even ones. */
async function facts(): Promise<Record<string, Buffer | string>> {
  const files: Record<string, Buffer | string> = {}
  for (let index = 0; index < 10; index++) {
    const size = { width: 60 + index, height: 40 + index }
    const boxes = Array.from({ length: index === 9 ? 0 : (index % 3) + 1 }, (_, place) => ({
      name: 'disc',
      corners: [1 + place * 12, 1, 10 + place * 12, 10],
    }))
    if (index % 2 === 0) boxes.push({ name: 'square', corners: [1, 11, 30 + index, 40] })
    const about = `<cks><camera>${index % 2}</camera></cks><image_tags><tag>${index < 4 ? 'early' : 'late'}</tag></image_tags>`
    files[`images/IMG_${index}.jpg`] = await anImage({ ...size, tone: 200 + index })
    files[`annotations/IMG_${index}.xml`] = aVocFile(boxes, size).replace(
      '<annotation>\n',
      `<annotation>${about}`,
    )
  }
  return files
}

interface Assets {
  readonly assets: { readonly totalCount: number; readonly edges: { node: { id: string; width: number } }[] }
}

async function assetsOf(versionId: string): Promise<string[]> {
  const { assets } = await project.of<Assets>(
    versionId,
    'assets(first: 500) { totalCount edges { node { id width } } }',
  )
  return assets.edges.map(({ node }) => node.id)
}

/** Places in `facts` of what a version holds. */
const placesOf = async (versionId: string) =>
  (await assetsOf(versionId)).map((id) => assetIds.indexOf(id)).sort((one, other) => one - other)

describe('filter: browsing and the version made of it hold the same images', () => {
  test.each<[string, object, number[]]>([
    ['all labels', { allLabels: ['disc', 'square'] }, [0, 2, 4, 6, 8]],
    ['any labels', { anyLabels: ['square', 'ring'] }, [0, 2, 4, 6, 8]],
    ['no labels', { noLabels: ['square'] }, [1, 3, 5, 7, 9]],
    ['counts of a label', { labelCounts: [{ label: 'disc', min: 2, max: 2 }] }, [1, 4, 7]],
    ['count of annotations', { annotationCount: { min: 3 } }, [2, 4, 5, 8]],
    ['no annotation', { annotationCount: { max: 0 } }, [9]],
    ['image width', { imageWidth: { min: 62, max: 63 } }, [2, 3]],
    ['image height', { imageHeight: { max: 41 } }, [0, 1]],
    [
      'largest box',
      { largestBoxSide: { min: 32 } },
      [6, 8].filter((index) => Math.sqrt((30 + index) * 30) >= 32),
    ],
    ['smallest box', { smallestBoxSide: { min: 10, max: 10 } }, [0, 1, 2, 3, 4, 5, 6, 7, 8]],
    ['tags', { anyTags: ['early'], noTags: ['late'] }, [0, 1, 2, 3]],
    ['a metadata value', { metadata: [{ key: 'camera', value: '1' }] }, [1, 3, 5, 7, 9]],
    ['a metadata key', { metadata: [{ key: 'camera' }] }, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
    ['a metadata key that nobody has', { metadata: [{ key: 'lens' }] }, []],
    ['part of a name, in any case', { nameContains: 'img_3' }, [3]],
    [
      'all conditions together',
      { anyLabels: ['square'], allTags: ['late'], imageWidth: { max: 66 } },
      [4, 6],
    ],
  ])('%s', async (_, filter, places) => {
    const version = await project.made('filterVersion', { versionId: base.id, filter })
    expect(await placesOf(version.id)).toEqual(places)
    const { assets } = await project.of<Assets>(
      base.id,
      'assets(filter: $filter) { totalCount }',
      { filter },
      ', $filter: AssetFilter',
    )
    expect(assets.totalCount).toBe(places.length)
  })

  test('imported from another version or import', async () => {
    const some = await project.made('takeAssets', { versionId: base.id, assetIds: assetIds.slice(3, 5) })
    for (const id of [some.id, await importOf(some.id)]) {
      const version = await project.made('filterVersion', {
        versionId: base.id,
        filter: { importedFrom: [id] },
      })
      expect(await placesOf(version.id)).toEqual([3, 4])
    }
  })

  test('a label that nobody knows is refused, and named', async () => {
    const refused = project.made('filterVersion', { versionId: base.id, filter: { anyLabels: ['griffin'] } })
    await expect(refused).rejects.toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } })
    await expect(refused).rejects.toThrow(/griffin/)
  })
})

/** Id of an import of a version. */
async function importOf(versionId: string): Promise<string> {
  return (await project.imported({ versionId })).id
}

test('a sample has as many images as asked, for a count, a share and each label, the same ones for a seed', async () => {
  const sample = (choice: object) => project.made('sampleVersion', { versionId: base.id, ...choice })
  const [one, same, other] = [
    await sample({ count: 4, seed: 7 }),
    await sample({ count: 4, seed: 7 }),
    await sample({ count: 4, seed: 8 }),
  ]
  expect([one.assetCount, one.seed, same.root === one.root, other.root === one.root]).toEqual([
    4,
    7,
    true,
    false,
  ])
  expect(await project.of(one.id, 'operation parents { id } parameters seed')).toEqual({
    ...{ operation: 'SAMPLE', parents: [{ id: base.id }], seed: 7 },
    parameters: expect.objectContaining({ count: 4 }) as object,
  })
  expect((await sample({ fraction: 0.3, seed: 1 })).assetCount).toBe(3)
  const balanced = await sample({ perLabel: 2, labels: ['square'], seed: 1 })
  expect(balanced.labels.find(({ label }) => label === 'square')).toMatchObject({ annotationCount: 2 })
  expect(balanced.assetCount).toBe(2)
  await expect(sample({ count: 4, fraction: 0.3 })).rejects.toMatchObject({
    extensions: { code: 'BAD_USER_INPUT' },
  })
})

test('both ways to split leave nothing out and nothing twice', async () => {
  const fields = 'id assetCount dataset { name }'
  const two = await project.mutate<{ first: Version; second: Version }>(
    'splitVersion',
    { versionId: base.id, fraction: 0.8, names: ['train', 'held'], seed: 3 },
    `first { ${fields} } second { ${fields} }`,
  )
  expect([two.first.assetCount, two.second.assetCount]).toEqual([8, 2])
  const parts = [0.5, 0.3, 0.2].map((fraction, index) => ({ name: `part ${index}`, fraction }))
  const { versions } = await project.mutate<{ versions: Version[] }>(
    'splitVersionInto',
    { versionId: base.id, parts, seed: 3 },
    `versions { ${fields} }`,
  )
  expect(versions.map(({ assetCount, dataset }) => [dataset.name, assetCount])).toEqual([
    ['part 0', 5],
    ['part 1', 3],
    ['part 2', 2],
  ])
  for (const made of [[two.first, two.second], versions]) {
    const places = await Promise.all(made.map(({ id }) => placesOf(id)))
    expect(places.flat().sort((one, other) => one - other)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  }
})

test('a stratified split gives each part its share of every label', async () => {
  const parts = [0.8, 0.2].map((fraction, index) => ({ name: `stratum ${index}`, fraction }))
  const { versions } = await project.mutate<{ versions: Version[] }>(
    'splitVersionInto',
    { versionId: base.id, parts, stratified: true, seed: 3 },
    'versions { labels { label assetCount } }',
  )
  // 9 images with discs, 5 with squares
  expect(versions.map(({ labels }) => labels)).toEqual([
    [
      { label: 'disc', assetCount: 7 },
      { label: 'square', assetCount: 4 },
    ],
    [
      { label: 'disc', assetCount: 2 },
      { label: 'square', assetCount: 1 },
    ],
  ])
})

test('excluding, taking and relabelling do what they say', async () => {
  const taken = await project.made('takeAssets', { versionId: base.id, assetIds: assetIds.slice(0, 3) })
  expect(await placesOf(taken.id)).toEqual([0, 1, 2])
  const rings = await project.made('relabelVersion', {
    ...{ versionId: taken.id, rename: [{ from: ['disc'], to: 'ring' }], drop: ['square'] },
  })
  expect(rings.labels).toEqual([{ label: 'ring', annotationCount: 6 }])
  const rest = await project.made('excludeVersions', { versionId: base.id, excludeVersionIds: [rings.id] })
  expect(await placesOf(rest.id)).toEqual([3, 4, 5, 6, 7, 8, 9]) // whatever their annotations
  const unknown = project.made('takeAssets', { versionId: taken.id, assetIds: [assetIds[5]] })
  await expect(unknown).rejects.toMatchObject({ extensions: { code: 'ASSETS_MISSING' } })
})

test('what is repeated has the same root, and an import says why it cannot be repeated', async () => {
  const sample = await project.made('sampleVersion', { versionId: base.id, count: 5, seed: 11 })
  const rings = await project.made('relabelVersion', {
    versionId: sample.id,
    rename: [{ from: ['disc'], to: 'ring' }],
  })
  const again = await project.made('copyVersion', { versionId: rings.id })
  const both = await project.made('mergeVersions', {
    versionIds: [base.id, rings.id],
    conflicts: 'LAST_WINS',
  })
  const exclusion = await project.made('excludeVersions', {
    versionId: base.id,
    excludeVersionIds: [sample.id],
  })
  for (const { id, root, number } of [sample, rings, again, both, exclusion]) {
    const repeated = await project.mutate(
      'repeatVersion',
      { versionId: id },
      'isEqual version { root number }',
    )
    expect(repeated).toEqual({ isEqual: true, version: { root, number: number + 1 } })
  }
  const refused = project.mutate('repeatVersion', { versionId: base.id }, 'isEqual')
  await expect(refused).rejects.toMatchObject({ extensions: { code: 'NOT_REPEATABLE' } })
})

test('a difference is counted, and its changes are turned page by page', async () => {
  const rings = await project.made('relabelVersion', {
    versionId: base.id,
    rename: [{ from: ['square'], to: 'ring' }],
  })
  const changed = await project.made('takeAssets', { versionId: rings.id, assetIds: assetIds.slice(1) })
  const query = `query ($from: ID!, $to: ID!, $after: String) { datasetDiff(from: $from, to: $to) {
    added removed changed labels { label fromAnnotationCount toAnnotationCount }
    changes(first: 2, after: $after) { pageInfo { hasNextPage endCursor }
      edges { node { kind assetId changedAnnotations { from { label } to { label } } } } } } }`
  interface Diff {
    readonly labels: object[]
    readonly changes: {
      readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string }
      readonly edges: { readonly node: { kind: string; assetId: string; changedAnnotations: object[] } }[]
    }
  }
  const turned: { kind: string; assetId: string }[] = []
  let after: string | null = null
  for (let more = true; more;) {
    const { datasetDiff }: { datasetDiff: Diff } = await ymir.client.ask(query, {
      from: base.id,
      to: changed.id,
      after,
    })
    expect(datasetDiff).toMatchObject({ added: 0, removed: 1, changed: 4 })
    const [disc, ring, square] = ['disc', 'ring', 'square'].map((label) => ({ label }))
    expect(datasetDiff.labels).toEqual([
      { ...disc, fromAnnotationCount: 18, toAnnotationCount: 17 },
      { ...ring, fromAnnotationCount: 0, toAnnotationCount: 4 },
      { ...square, fromAnnotationCount: 5, toAnnotationCount: 0 },
    ])
    for (const { node } of datasetDiff.changes.edges) {
      turned.push(node)
      const relabelled = { from: { label: 'square' }, to: { label: 'ring' } }
      expect(node.changedAnnotations).toEqual(node.kind === 'CHANGED' ? [relabelled] : [])
    }
    ;({ hasNextPage: more, endCursor: after } = datasetDiff.changes.pageInfo)
  }
  const byPlace = turned.map(({ kind, assetId }) => `${assetIds.indexOf(assetId)} ${kind}`).sort()
  expect(byPlace).toEqual(['0 REMOVED', '2 CHANGED', '4 CHANGED', '6 CHANGED', '8 CHANGED'])
})
