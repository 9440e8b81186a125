import { randomUUID } from 'node:crypto'
import type { UserCaller } from '@ymir/graphql'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { countsOf } from '../annotation/mask.ts'
import { anArchive, anImage, aVocFile } from '../testing/archive.ts'
import { startTestService, type TestService } from '../testing/service.ts'

let service: TestService
let projectId: string
let owner: UserCaller
/** Three assets, each with boxes a, b and c. */
let base: string

beforeAll(async () => {
  service = await startTestService()
  ;({ projectId, owner } = await service.aProject(['a', 'b', 'c', 'd', 'e']))
  base = await anImport()
})
afterAll(() => service.stop())

async function anImport(tone = 0): Promise<string> {
  const files: Record<string, Uint8Array | string> = {}
  for (let index = 0; index < 3; index++) {
    files[`images/${index}.png`] = await anImage({ format: 'png', tone: tone + index * 9 })
    files[`annotations/${index}.xml`] = aVocFile(
      ['a', 'b', 'c'].map((name, place) => ({ name, corners: [1 + place * 20, 1, 15 + place * 20, 15] })),
    )
  }
  return (await service.importArchive(anArchive(files), { projectId }, owner)).version.id
}

const mergeFields = `merge { id state openConflictCount
  version { id operation root parents { id } labels { label annotationCount } parameters } base { id } }`

async function mutate(name: string, input: object, selection = mergeFields) {
  const type = name === 'mergeVersionsThreeWay' ? 'MergeThreeWay' : name[0]!.toUpperCase() + name.slice(1)
  const input_ = ['finishMerge', 'abandonMerge'].includes(name) ? 'MergeIdInput' : `${type}Input`
  const { data, errors } = await service.ask(
    `mutation ($input: ${input_}!) { ${name}(input: $input) { ${selection} } }`,
    { input },
    owner,
  )
  return { ...(data?.[name] ?? {}), error: errors?.[0] }
}

async function relabelled(versionId: string, from: string, to: string): Promise<string> {
  const input = { versionId, name: randomUUID(), rename: [{ from: [from], to }] }
  return (await mutate('relabelVersion', input, 'version { id }')).version.id
}

const mergeOf = (oursId: string, theirsId: string, more: object = {}) =>
  mutate('mergeVersionsThreeWay', { name: randomUUID(), oursId, theirsId, ...more })

async function conflictsOf(id: string, resolved: boolean | null = null) {
  const { data } = await service.ask(
    `query ($id: ID!, $resolved: Boolean) { merge(id: $id) { conflicts(first: 2, resolved: $resolved) {
       totalCount pageInfo { hasNextPage endCursor }
       edges { node { id kind assetId isResolved take ${['base', 'ours', 'theirs']
         .map((side) => `${side} { annotations { label } }`)
         .join(' ')} } } } } }`,
    { id, resolved },
    owner,
  )
  return data.merge.conflicts
}

test('changes of different boxes come together at once, on the common ancestor found in the lineage', async () => {
  const [ours, theirs] = [await relabelled(base, 'a', 'd'), await relabelled(base, 'b', 'e')]
  const { merge, error } = await mergeOf(ours, theirs)
  expect(error).toBeUndefined()
  expect(merge).toMatchObject({
    state: 'MERGED',
    openConflictCount: 0,
    base: { id: base },
    version: { operation: 'MERGE_THREE_WAY', parents: [{ id: ours }, { id: theirs }] },
  })
  expect(merge.version.labels).toEqual(['c', 'd', 'e'].map((label) => ({ label, annotationCount: 3 })))
})

test('conflicts are listed, settled and finished; the version can be made again from what was decided', async () => {
  const [ours, theirs] = [await relabelled(base, 'a', 'd'), await relabelled(base, 'a', 'e')]
  const { merge } = await mergeOf(ours, theirs)
  expect(merge).toMatchObject({ state: 'OPEN', openConflictCount: 3, version: null })
  const page = await conflictsOf(merge.id)
  expect(page).toMatchObject({ totalCount: 3, pageInfo: { hasNextPage: true } })
  expect(page.edges[0].node).toMatchObject({
    kind: 'ANNOTATION',
    isResolved: false,
    base: { annotations: [{ label: 'a' }] },
    ours: { annotations: [{ label: 'd' }] },
    theirs: { annotations: [{ label: 'e' }] },
  })

  const early = await mutate('finishMerge', { mergeId: merge.id })
  expect(early.error).toMatchObject({ extensions: { code: 'MERGE_CONFLICT' } })

  const [first, second] = page.edges.map(({ node }: { node: { id: string } }) => node.id)
  const resolve = (resolutions: object[]) =>
    mutate('resolveMergeConflicts', { mergeId: merge.id, resolutions })
  await resolve([
    { conflictId: first, take: 'OURS' },
    { conflictId: second, take: 'THEIRS' },
  ])
  const left = await conflictsOf(merge.id, false)
  expect(left).toMatchObject({ totalCount: 1 })
  expect(await conflictsOf(merge.id, true)).toMatchObject({ totalCount: 2 })
  const third = left.edges[0].node.id
  await resolve([
    { conflictId: third, annotations: [{ label: 'B', box: { x: 0, y: 30, width: 5, height: 5 } }] },
  ])

  const finished = await mutate('finishMerge', { mergeId: merge.id })
  expect(finished.merge).toMatchObject({ state: 'MERGED', openConflictCount: 0 })
  expect(finished.merge.version.labels).toEqual([
    { label: 'b', annotationCount: 4 },
    { label: 'c', annotationCount: 3 },
    { label: 'd', annotationCount: 1 },
    { label: 'e', annotationCount: 1 },
  ])
  const again = await mutate('repeatVersion', { versionId: finished.merge.version.id }, 'isEqual')
  expect(again).toMatchObject({ isEqual: true })
  expect((await resolve([{ conflictId: third, take: 'NONE' }])).error).toMatchObject({
    extensions: { code: 'CONFLICT', state: 'MERGED' },
  })
})

const objectsQuery = `query ($id: ID!) { datasetVersion(id: $id) { assets { edges { node {
  annotations { label box { x y width height } polygons mask { size counts } } } } } } }`

/** Of an image of 64 to 48 pixels: one column of ten pixels, at x 2 and y 5. */
const mask = { size: [48, 64], counts: countsOf([2 * 48 + 5, 10, 64 * 48 - 2 * 48 - 15]) }
const triangle = [1.5, 30, 11.5, 30, 6, 42]

test('conflicts are settled by outlines and masks, with the box that encloses them', async () => {
  const { merge } = await mergeOf(await relabelled(base, 'a', 'd'), await relabelled(base, 'a', 'e'))
  const ids: string[] = []
  for (let round = 0; round < 2; round++)
    for (const { node } of (await conflictsOf(merge.id, false)).edges) {
      const drawn = [
        { label: 'd', polygons: [triangle, [20, 20, 30, 20, 30, 30]] },
        { label: 'D', mask, crowd: true },
        { label: 'e', box: { x: 1, y: 2, width: 30, height: 20 }, polygons: [triangle], mask },
      ][ids.length]!
      const resolutions = [{ conflictId: node.id, annotations: [drawn] }]
      expect(
        (await mutate('resolveMergeConflicts', { mergeId: merge.id, resolutions })).error,
      ).toBeUndefined()
      ids.push(node.id)
    }
  expect(ids).toHaveLength(3)
  const { data: settled } = await service.ask(
    `query ($id: ID!) { merge(id: $id) { conflicts { edges { node { id annotations { polygons mask { size } } } } } } }`,
    { id: merge.id },
    owner,
  )
  const byId = new Map(
    settled.merge.conflicts.edges.map(({ node }: { node: { id: string; annotations: object[] } }) => [
      node.id,
      node.annotations,
    ]),
  )
  expect(ids.map((id) => byId.get(id))).toEqual([
    [{ polygons: [triangle, [20, 20, 30, 20, 30, 30]], mask: null }],
    [{ polygons: null, mask: { size: [48, 64] } }],
    [{ polygons: [triangle], mask: { size: [48, 64] } }],
  ])

  const { version } = (await mutate('finishMerge', { mergeId: merge.id })).merge
  const { data } = await service.ask(objectsQuery, { id: version.id }, owner)
  const objects = data.datasetVersion.assets.edges.flatMap(
    ({ node }: { node: { annotations: { label: string }[] } }) => node.annotations,
  )
  const drawn = objects.filter(({ label }: { label: string }) => ['d', 'e'].includes(label))
  expect(drawn).toHaveLength(3)
  expect(drawn).toEqual(
    expect.arrayContaining([
      {
        ...{ label: 'd', box: { x: 1.5, y: 20, width: 28.5, height: 22 }, mask: null },
        polygons: [triangle, [20, 20, 30, 20, 30, 30]],
      },
      { label: 'd', box: { x: 2, y: 5, width: 1, height: 10 }, polygons: null, mask },
      { label: 'e', box: { x: 1, y: 2, width: 30, height: 20 }, polygons: [triangle], mask },
    ]),
  )
  expect(await mutate('repeatVersion', { versionId: version.id }, 'isEqual')).toMatchObject({ isEqual: true })
})

test.each<[string, object, RegExp]>([
  [
    'an outline of two points',
    { polygons: [[1, 1, 9, 9]] },
    /polygons\[0\] .* is not the x and y of at least three/,
  ],
  ['an outline beyond the image', { polygons: [[1, 1, 90, 9, 5, 5]] }, /is outside the image \(64x48\)/],
  ['an outline without an area', { polygons: [[1, 1, 9, 1, 5, 1]] }, /polygons .* has no area/],
  ['a mask of another image', { mask: { ...mask, size: [64, 48] } }, /mask .* is not the height and width/],
  [
    'a mask with too few pixels',
    { mask: { ...mask, counts: countsOf([5, 5]) } },
    /runs that are not all of the image/,
  ],
  [
    'a mask without an object',
    { mask: { ...mask, counts: countsOf([64 * 48]) } },
    /has no pixel of an object/,
  ],
  ['nothing that has a place', {}, /annotations\[0\] has neither a box nor polygons nor a mask/],
])('%s settles nothing', async (_, shape, problem) => {
  const { merge } = await mergeOf(await relabelled(base, 'a', 'd'), await relabelled(base, 'a', 'e'))
  const conflictId = (await conflictsOf(merge.id)).edges[0].node.id
  const resolutions = [{ conflictId, annotations: [{ label: 'a', ...shape }] }]
  const { error } = await mutate('resolveMergeConflicts', { mergeId: merge.id, resolutions })
  expect(error).toMatchObject({ extensions: { code: 'BAD_ANNOTATION' } })
  expect(error.message).toMatch(problem)
  await mutate('abandonMerge', { mergeId: merge.id })
})

test('resolutions that do not fit are refused together, and nothing is kept of them', async () => {
  const { merge } = await mergeOf(await relabelled(base, 'a', 'd'), await relabelled(base, 'a', 'e'))
  const conflictId = (await conflictsOf(merge.id)).edges[0].node.id
  const good = { conflictId, take: 'OURS' }
  const box = { x: 0, y: 0, width: 0, height: 5 }
  for (const [bad, code] of [
    [{ conflictId: 'nothing', take: 'OURS' }, 'NOT_FOUND'],
    [{ conflictId }, 'BAD_USER_INPUT'],
    [{ conflictId, annotations: [{ label: 'a', box }] }, 'BAD_ANNOTATION'],
  ] as const) {
    const resolutions = [good, bad]
    const { error } = await mutate('resolveMergeConflicts', { mergeId: merge.id, resolutions })
    expect(error).toMatchObject({ extensions: { code } })
  }
  expect(await conflictsOf(merge.id, true)).toMatchObject({ totalCount: 0 })
  expect((await mutate('abandonMerge', { mergeId: merge.id })).merge).toMatchObject({ state: 'ABANDONED' })
})

test('strangers have no common ancestor, crossed histories have two: the caller names one', async () => {
  const stranger = await anImport(700)
  expect((await mergeOf(base, stranger)).error).toMatchObject({ extensions: { code: 'NO_MERGE_BASE' } })
  const both = async (first: string, second: string) =>
    (
      await mutate(
        'mergeVersions',
        { name: randomUUID(), versionIds: [first, second], conflicts: 'UNION' },
        'version { id }',
      )
    ).version.id
  const [one, other] = [await both(base, stranger), await both(stranger, base)]
  const { error } = await mergeOf(one, other)
  expect(error).toMatchObject({
    extensions: { code: 'SEVERAL_MERGE_BASES', baseIds: [base, stranger].sort() },
  })
  expect((await mergeOf(one, other, { baseId: base })).merge).toMatchObject({ state: 'MERGED' })
})

test('merging with the base itself gives the other side', async () => {
  const changed = await relabelled(base, 'a', 'd')
  const { merge } = await mergeOf(base, changed)
  const { data } = await service.ask(
    `query ($id: ID!) { datasetVersion(id: $id) { root } }`,
    { id: changed },
    owner,
  )
  expect(merge).toMatchObject({ state: 'MERGED', base: { id: base }, version: data.datasetVersion })
})
