import { anImage, aVocFile } from '@ymir/dataset/testing'
import { beforeAll, expect, test } from 'vitest'
import { aDatasetProject, type DatasetProject, type Version, versionFields } from '../testing/dataset.ts'
import type { TestPlatform } from '../testing/platform.ts'
import { onePlatform } from './one-platform.ts'

let ymir: TestPlatform
let project: DatasetProject
/** Three images with a disc and a square each. */
let base: Version

beforeAll(async () => {
  ymir = await onePlatform()
  project = await aDatasetProject(ymir.client, 'merges', ['disc', 'square', 'ring', 'star'])
  base = await project.versionOf(await threeImages([1, 1, 20, 20]))
}, 120_000)

async function threeImages(
  disc: readonly number[],
  label = 'disc',
): Promise<Record<string, Buffer | string>> {
  const files: Record<string, Buffer | string> = {}
  for (let index = 0; index < 3; index++) {
    files[`images/${index}.jpg`] = await anImage({ tone: 300 + index })
    files[`annotations/${index}.xml`] = aVocFile([
      { name: label, corners: disc },
      { name: 'square', corners: [31, 1, 50, 20] },
    ])
  }
  return files
}

const relabelled = (from: string, to: string) =>
  project.made('relabelVersion', { versionId: base.id, rename: [{ from: [from], to }] })

test('versions that disagree are merged as asked, and a union takes boxes that overlap almost wholly once', async () => {
  const [near, far] = [
    await project.versionOf(await threeImages([2, 1, 20, 20])), // 95% of the disc's box
    await project.versionOf(await threeImages([11, 1, 30, 20])), // a third
  ]
  const merge = (versionIds: string[], conflicts?: string) =>
    project.made('mergeVersions', { versionIds, ...(conflicts ? { conflicts } : {}) })
  const both = [base.id, far.id]
  await expect(merge(both)).rejects.toMatchObject({
    extensions: {
      ...{ code: 'MERGE_CONFLICT', conflictCount: 3 },
      assetIds: expect.arrayContaining([expect.stringMatching(/^[0-9a-f]{64}$/)]) as string[],
    },
  })
  expect((await merge(both, 'FIRST_WINS')).root).toBe(base.root)
  expect((await merge(both, 'LAST_WINS')).root).toBe(far.root)
  const united = (label: string, annotationCount: number) => ({ label, annotationCount })
  expect((await merge(both, 'UNION')).labels).toEqual([united('disc', 6), united('square', 3)])
  expect((await merge([base.id, near.id], 'UNION')).root).toBe(base.root)
  expect((await merge([base.id, base.id], 'STOP')).root).toBe(base.root)
})

interface OpenMerge {
  readonly id: string
  readonly state: string
  readonly openConflictCount: number
  readonly conflicts: { readonly edges: { readonly node: { readonly id: string; readonly kind: string } }[] }
}

const side = (name: string) => `${name} { annotations { label } }`
const mergeFields = `merge { id state openConflictCount base { id } version { ${versionFields} }
  conflicts(first: 20) { edges { node { id kind ${side('base')} ${side('ours')} ${side('theirs')} } } } }`

async function threeWay(ours: Version, theirs: Version): Promise<OpenMerge> {
  const input = {
    oursId: ours.id,
    theirsId: theirs.id,
    name: `${ours.dataset.name} + ${theirs.dataset.name}`,
  }
  return (await project.mutate<{ merge: OpenMerge }>('mergeVersionsThreeWay', input, mergeFields)).merge
}

test('changes of different objects come together at once', async () => {
  const merge = await threeWay(await relabelled('disc', 'ring'), await relabelled('square', 'star'))
  expect(merge).toMatchObject({
    ...{ state: 'MERGED', openConflictCount: 0, base: { id: base.id } },
    version: {
      labels: [
        { label: 'ring', annotationCount: 3 },
        { label: 'star', annotationCount: 3 },
      ],
    },
  })
})

test('each conflict is settled its own way, and only then the merge can be finished', async () => {
  const merge = await threeWay(await relabelled('disc', 'ring'), await relabelled('disc', 'star'))
  expect(merge).toMatchObject({ state: 'OPEN', openConflictCount: 3, version: null })
  const [first, second, third] = merge.conflicts.edges.map(({ node }) => node)
  const one = (label: string) => ({ annotations: [{ label }] })
  expect(first).toMatchObject({
    kind: 'ANNOTATION',
    base: one('disc'),
    ours: one('ring'),
    theirs: one('star'),
  })
  const finish = () =>
    project.mutate<{ merge: { version: Version } }>('finishMerge', { mergeId: merge.id }, mergeFields)
  await expect(finish()).rejects.toMatchObject({ extensions: { code: 'MERGE_CONFLICT' } })

  const by = [{ label: 'square', box: { x: 0, y: 30, width: 5, height: 5 } }]
  const resolutions = [
    { conflictId: first!.id, take: 'BOTH' },
    { conflictId: second!.id, take: 'NONE' },
    { conflictId: third!.id, annotations: by },
  ]
  await project.mutate('resolveMergeConflicts', { mergeId: merge.id, resolutions }, mergeFields)
  const finished = (await finish()).merge
  expect(finished.version.labels).toEqual([
    { label: 'ring', annotationCount: 1 },
    { label: 'square', annotationCount: 4 },
    { label: 'star', annotationCount: 1 },
  ])
  interface Found {
    readonly assets: { readonly edges: { node: { annotations: { source: { kind: string } }[] } }[] }
  }
  const { assets } = await project.of<Found>(
    finished.version.id,
    'assets { edges { node { annotations { source { kind } } } } }',
  )
  const kinds = assets.edges.flatMap(({ node }) => node.annotations.map(({ source }) => source.kind))
  expect(kinds.sort()).toEqual([...Array<string>(5).fill('IMPORT'), 'PERSON'])
  const repeated = await project.mutate('repeatVersion', { versionId: finished.version.id }, 'isEqual')
  expect(repeated).toEqual({ isEqual: true })
})

test('without a common ancestor a merge says so, and takes the base that it is told', async () => {
  const stranger = await project.versionOf({ 'images/other.jpg': await anImage({ tone: 310 }) })
  await expect(threeWay(base, stranger)).rejects.toMatchObject({ extensions: { code: 'NO_MERGE_BASE' } })
  const input = { oursId: base.id, theirsId: stranger.id, baseId: base.id, name: 'base is told' }
  const { merge } = await project.mutate<{ merge: OpenMerge }>('mergeVersionsThreeWay', input, mergeFields)
  // of three images that theirs does not have, and ours has as the base has them, nothing is left
  expect(merge).toMatchObject({ state: 'MERGED', version: { assetCount: 1, root: stranger.root } })
})

test('a merge that is given up makes nothing and takes no more decisions', async () => {
  const merge = await threeWay(await relabelled('disc', 'ring'), await relabelled('disc', 'star'))
  const given = await project.mutate<{ merge: OpenMerge }>('abandonMerge', { mergeId: merge.id }, mergeFields)
  expect(given.merge).toMatchObject({ state: 'ABANDONED', version: null })
  const conflictId = merge.conflicts.edges[0]!.node.id
  const late = project.mutate(
    'resolveMergeConflicts',
    { mergeId: merge.id, resolutions: [{ conflictId, take: 'OURS' }] },
    mergeFields,
  )
  await expect(late).rejects.toMatchObject({ extensions: { code: 'CONFLICT', state: 'ABANDONED' } })
})

test('the lineage leads up to what a version was made from and down to what came of it', async () => {
  const ring = await relabelled('disc', 'ring')
  const sample = await project.made('sampleVersion', { versionId: ring.id, count: 2 })
  const found = async (id: string, direction: string, depth = 10) => {
    const { lineage } = await project.of<{
      lineage: {
        isComplete: boolean
        edges: { fromId: string; toId: string; role: string }[]
        nodes: { id: string }[]
      }
    }>(
      id,
      `lineage(direction: $direction, depth: $depth) { isComplete edges { fromId toId role } nodes { ... on DatasetVersion { id } } }`,
      { direction, depth },
      ', $direction: LineageDirection!, $depth: Int!',
    )
    return lineage
  }
  const up = await found(sample.id, 'UP')
  expect(up.nodes.map(({ id }) => id).sort()).toEqual([base.id, ring.id, sample.id].sort())
  expect(up.edges).toHaveLength(2)
  expect(up.edges.every(({ role }) => role === 'PARENT')).toBe(true)
  expect((await found(ring.id, 'DOWN')).nodes.map(({ id }) => id).sort()).toEqual([ring.id, sample.id].sort())
  expect(await found(sample.id, 'UP', 1)).toMatchObject({ isComplete: false })
  expect(
    await project.of(
      sample.id,
      'history(first: 10) { id operation } isMadeFrom(versionId: $other)',
      { other: base.id },
      ', $other: ID!',
    ),
  ).toEqual({
    isMadeFrom: true,
    history: [
      { id: sample.id, operation: 'SAMPLE' },
      { id: ring.id, operation: 'RELABEL' },
      { id: base.id, operation: 'IMPORT' },
    ],
  })
})
