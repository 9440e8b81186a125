import { randomUUID } from 'node:crypto'
import type { UserCaller } from '@ymir/graphql'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { anArchiveOf } from '../testing/archive.ts'
import { SerialSet } from '../page/serial-set.ts'
import { EntriesInMemory } from '../testing/entries.ts'
import { startTestService, type TestService } from '../testing/service.ts'
import { changesAfter, placeOf } from './diff.ts'

const version = fc.dictionary(
  fc.constantFrom(...'pqrstuvw'),
  fc.uniqueArray(fc.constantFrom('a', 'b')).map((labels) => labels.sort()),
)

test('changes are those of a naive comparison, each once, from any place on', () =>
  fc.assert(
    fc.asyncProperty(version, version, fc.nat(20), async (a, b, place) => {
      const entries = new EntriesInMemory()
      const [from, to] = [entries.aVersion(a), entries.aVersion(b)]
      const found: { kind: string; asset: string }[] = []
      const places: number[] = []
      for await (const change of changesAfter(-1, from, to, entries)) {
        const set = 'to' in change ? to : from
        const one = Object.keys(entries.contentOf(set.minus(set.minus(only(placeOf(change))))))
        found.push({ kind: change.kind, asset: one[0]! })
        places.push(placeOf(change))
      }
      const expected = Object.keys({ ...a, ...b }).flatMap((asset) => {
        if (!(asset in a)) return [{ kind: 'ADDED', asset }]
        if (!(asset in b)) return [{ kind: 'REMOVED', asset }]
        return a[asset]!.join() === b[asset]!.join() ? [] : [{ kind: 'CHANGED', asset }]
      })
      const byAsset = (one: { asset: string }, other: { asset: string }) => (one.asset < other.asset ? -1 : 1)
      expect(found.toSorted(byAsset)).toEqual(expected.toSorted(byAsset))
      const later: number[] = []
      for await (const change of changesAfter(place, from, to, entries)) later.push(placeOf(change))
      expect(later).toEqual(places.filter((one) => one > place))
      expect(places).toEqual(places.toSorted((one, other) => one - other))
    }),
  ))

const only = (serial: number) => SerialSet.of([serial])

describe('over the graph', () => {
  let service: TestService
  let projectId: string
  let owner: UserCaller
  beforeAll(async () => {
    service = await startTestService()
    ;({ projectId, owner } = await service.aProject(['cell', 'other']))
  })
  afterAll(() => service.stop())

  const anImport = async (count: number, options: { tone?: number; label?: string } = {}) =>
    (await service.importArchive(await anArchiveOf(count, options), { projectId }, owner)).version
      .id as string

  async function merged(versionIds: string[]): Promise<string> {
    const { data } = await service.ask(
      `mutation ($input: MergeVersionsInput!) { mergeVersions(input: $input) { version { id } } }`,
      { input: { name: randomUUID(), versionIds } },
      owner,
    )
    return data.mergeVersions.version.id
  }

  const diffQuery = `query ($from: ID!, $to: ID!, $first: Int!, $after: String) { datasetDiff(from: $from, to: $to) {
    added removed changed
    labels { label fromAnnotationCount toAnnotationCount fromAssetCount toAssetCount }
    changes(first: $first, after: $after) { totalCount pageInfo { hasNextPage endCursor }
      edges { node { assetId kind from { id url } to { id url }
        addedAnnotations { label } removedAnnotations { label } changedAnnotations { from { label } to { label } } } } } } }`

  test('a diff has counts, labels and pages of changes with their boxes', async () => {
    const before = await anImport(4)
    const after = await merged([await anImport(2, { label: 'other' }), await anImport(1, { tone: 900 })])
    const variables = { from: before, to: after, first: 3 }
    const { data } = await service.ask(diffQuery, variables, owner)
    expect(data.datasetDiff).toMatchObject({
      ...{ added: 1, removed: 2, changed: 2 },
      labels: [
        { label: 'cell', fromAnnotationCount: 4, toAnnotationCount: 1, fromAssetCount: 4, toAssetCount: 1 },
        { label: 'other', fromAnnotationCount: 0, toAnnotationCount: 2, fromAssetCount: 0, toAssetCount: 2 },
      ],
      changes: { totalCount: 5, pageInfo: { hasNextPage: true } },
    })
    const { endCursor } = data.datasetDiff.changes.pageInfo
    const next = await service.ask(diffQuery, { ...variables, after: endCursor }, owner)
    const nodes: { kind: string; assetId: string }[] = [data, next.data].flatMap((page) =>
      page.datasetDiff.changes.edges.map(({ node }: { node: object }) => node),
    )
    expect(next.data.datasetDiff.changes.pageInfo.hasNextPage).toBe(false)
    expect(nodes.map(({ kind }) => kind).sort()).toEqual([
      'ADDED',
      'CHANGED',
      'CHANGED',
      'REMOVED',
      'REMOVED',
    ])
    expect(new Set(nodes.map(({ assetId }) => assetId)).size).toBe(5)
    expect(nodes.find(({ kind }) => kind === 'CHANGED')).toMatchObject({
      changedAnnotations: [{ from: { label: 'cell' }, to: { label: 'other' } }],
      ...{ addedAnnotations: [], removedAnnotations: [] },
    })
    expect(nodes.find(({ kind }) => kind === 'ADDED')).toMatchObject({
      from: null,
      addedAnnotations: [{ label: 'cell' }],
    })
  })

  test('a version is not different from itself', async () => {
    const one = await anImport(2)
    const { data } = await service.ask(diffQuery, { from: one, to: one, first: 5 }, owner)
    expect(data.datasetDiff).toMatchObject({
      ...{ added: 0, removed: 0, changed: 0, labels: [] },
      changes: { totalCount: 0, edges: [] },
    })
  })
})
