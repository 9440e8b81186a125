import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { waitUntil } from '@ymir/service'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ApiClient } from './testing/client.ts'
import { anExecutorImage, leaveAModel } from './testing/executor-image.ts'
import { createProject, importArchive, trainModel } from './testing/loop.ts'
import { onePlatform, stopPlatform } from './datasets/one-platform.ts'
import { signUp, type TestPlatform } from './testing/platform.ts'
import { pictures, vocArchive, zipOf } from './testing/shapes.ts'

let ymir: TestPlatform
let client: ApiClient

beforeAll(async () => {
  ymir = await onePlatform()
  client = ymir.client
}, 120_000)
afterAll(stopPlatform, 60_000)

interface Version {
  readonly id: string
  readonly root: string
  readonly assetCount: number
  readonly labels: readonly { readonly label: string; readonly annotationCount: number }[]
  readonly dataset: { readonly id: string }
}
const fields = 'id root assetCount labels { label annotationCount } dataset { id }'

/** Calls a mutation whose input type has its name. */
async function mutate<Payload>(
  name: string,
  input: object,
  selection: string,
  asker = client,
): Promise<Payload> {
  const type = inputTypes[name] ?? `${name[0]!.toUpperCase()}${name.slice(1)}Input`
  const query = `mutation ($input: ${type}!) { ${name}(input: $input) { ${selection} } }`
  return (await asker.ask<Record<string, Payload>>(query, { input }))[name]!
}
const inputTypes: Readonly<Record<string, string>> = {
  mergeVersionsThreeWay: 'MergeThreeWayInput',
  finishMerge: 'MergeIdInput',
}

const made = async (name: string, input: object, asker = client): Promise<Version> =>
  (await mutate<{ version: Version }>(name, input, `version { ${fields} }`, asker)).version

async function readVersion(id: string, asker = client): Promise<Version> {
  const query = `query ($id: ID!) { datasetVersion(id: $id) { ${fields} } }`
  return (await asker.ask<{ datasetVersion: Version }>(query, { id })).datasetVersion
}

async function imported(archive: Buffer, projectId: string, name: string): Promise<Version> {
  const { version, problem } = await importArchive(client, archive, { projectId, name })
  if (!version) throw new Error(`${name} was not imported: ${problem}`)
  return readVersion(version.id)
}

const relabelled = (versionId: string, from: string[], to: string) =>
  made('relabelVersion', { versionId, name: `${from.join('+')} is ${to}`, rename: [{ from, to }] })

/** Merges two versions that disagree about every disc: the first conflict goes to theirs, the others to ours. */
async function mergedByHand(oursId: string, theirsId: string): Promise<Version> {
  const open = `merge { id state openConflictCount conflicts(first: 20) { edges { node { id kind } } } }`
  const { merge } = await mutate<{
    merge: { id: string; state: string; conflicts: { edges: { node: { id: string; kind: string } }[] } }
  }>('mergeVersionsThreeWay', { oursId, theirsId, name: 'merged' }, open)
  expect(merge).toMatchObject({ state: 'OPEN', openConflictCount: 8 })
  const resolutions = merge.conflicts.edges.map(({ node }, index) => ({
    ...{ conflictId: node.id, take: index === 0 ? 'THEIRS' : 'OURS' },
  }))
  const refused = mutate('finishMerge', { mergeId: merge.id }, 'merge { state }')
  await expect(refused).rejects.toMatchObject({ extensions: { code: 'MERGE_CONFLICT' } })
  await mutate('resolveMergeConflicts', { mergeId: merge.id, resolutions }, 'merge { openConflictCount }')
  const version = `merge { version { ${fields} } }`
  const finished = await mutate<{ merge: { version: Version } }>(
    'finishMerge',
    { mergeId: merge.id },
    version,
  )
  return finished.merge.version
}

/** The COCO tar of a version, its files packed as a zip. */
async function exportedAsCoco(versionId: string): Promise<Buffer> {
  const input = { versionId, format: 'COCO', container: 'TAR' }
  const { url, loses } = await mutate<{ url: string; loses: string[] }>('exportVersion', input, 'url loses')
  expect(loses).toEqual([])
  const folder = await mkdtemp(join(ymir.home, 'export-'))
  await writeFile(join(folder, 'set.tar'), await client.download(url))
  await promisify(execFile)('tar', ['-xf', 'set.tar'], { cwd: folder })
  const names = await readdir(folder, { recursive: true, withFileTypes: true })
  const files: Record<string, Buffer> = {}
  for (const { name, parentPath } of names.filter((entry) => entry.isFile() && entry.name !== 'set.tar'))
    files[join(parentPath, name).slice(folder.length + 1)] = await readFile(join(parentPath, name))
  return zipOf(files)
}

/** What came of a version, with fields that only the services of models and jobs know. */
async function lineageOf(id: string) {
  const query = `query ($id: ID!) { datasetVersion(id: $id) { lineage(direction: DOWN) { edges { role } nodes {
    __typename ... on DatasetVersion { id } ... on Model { name executorImage { id } } ... on Job { kinds attempt } } } } }`
  const { datasetVersion } = await client.ask<{
    datasetVersion: { lineage: { edges: { role: string }[]; nodes: { __typename: string; id?: string }[] } }
  }>(query, { id })
  return datasetVersion.lineage
}

test('a dataset is imported, changed, merged, split, shared, exported, trained on and kept', async () => {
  const projectId = await createProject(client, 'datasets', ['disc', 'square', 'ring', 'star'])
  const base = await imported(vocArchive(await pictures(8, 1)), projectId, 'base')
  const tag = { datasetId: base.dataset.id, versionId: base.id, name: 'gold', protected: true }
  expect(await mutate('tagVersion', tag, 'tag { name isProtected version { id } }')).toEqual({
    tag: { name: 'gold', isProtected: true, version: { id: base.id } },
  })

  const ours = await relabelled(base.id, ['disc'], 'ring')
  const theirs = await relabelled(base.id, ['disc'], 'star')
  const merged = await mergedByHand(ours.id, theirs.id)
  expect(merged.labels).toEqual([
    { label: 'ring', annotationCount: 7 },
    { label: 'square', annotationCount: 8 },
    { label: 'star', annotationCount: 1 },
  ])
  const diff = `query ($from: ID!, $to: ID!) { datasetDiff(from: $from, to: $to) { added removed changed
    changes(first: 1) { edges { node { kind changedAnnotations { from { label } } } } } } }`
  expect(await client.ask(diff, { from: base.id, to: merged.id })).toEqual({
    datasetDiff: {
      ...{ added: 0, removed: 0, changed: 8 },
      changes: { edges: [{ node: { kind: 'CHANGED', changedAnnotations: [{ from: { label: 'disc' } }] } }] },
    },
  })
  const back = await relabelled(merged.id, ['ring', 'star'], 'disc')
  expect(back.root).toBe(base.root) // what is in it names a version, not how it came about

  const parts = [
    { name: 'train', fraction: 0.75 },
    { name: 'test', fraction: 0.25 },
  ]
  const split = { versionId: back.id, parts, stratified: true, seed: 7 }
  const { versions } = await mutate<{ versions: Version[] }>(
    'splitVersionInto',
    split,
    `versions { ${fields} }`,
  )
  const [train, held] = versions as [Version, Version] // as many as parts
  expect([train.assetCount, held.assetCount]).toEqual([6, 2])

  const matching = { labelCounts: [{ label: 'disc', min: 1 }], smallestBoxSide: { min: 10 } }
  const filtered = await made('filterVersion', { versionId: back.id, name: 'large', filter: matching })
  expect(filtered.assetCount).toBe(8)
  const counts = `query ($id: ID!, $filter: AssetFilter) {
    datasetVersion(id: $id) { assets(filter: $filter) { totalCount } } }`
  expect(await client.ask(counts, { id: back.id, filter: { ...matching, imageWidth: { min: 65 } } })).toEqual(
    {
      datasetVersion: { assets: { totalCount: 0 } },
    },
  )

  const grace = await signUp(client, 'grace@ymir.example')
  await expect(readVersion(base.id, grace)).rejects.toMatchObject({ extensions: { code: 'FORBIDDEN' } })
  await mutate('shareDataset', { datasetId: base.dataset.id, public: true }, 'dataset { public }')
  const foreign = await createProject(grace, 'hers', ['disc'])
  const copy = await made('copyVersion', { versionId: base.id, projectId: foreign, name: 'borrowed' }, grace)
  expect(copy.root).toBe(base.root)

  const again = await imported(await exportedAsCoco(base.id), projectId, 'again')
  expect(again.root).toBe(base.root)

  const { id: executorImageId } = await anExecutorImage(client, ymir.home, leaveAModel)
  const training = { projectId, name: 'tiny', executorImageId, trainingVersionId: train.id }
  await trainModel(client, { ...training, testVersionId: held.id })
  const lineage = await waitUntil('the training to stand in the lineage', async () => {
    const found = await lineageOf(base.id)
    return found.edges.some(({ role }) => role === 'TRAINED_ON') && found.nodes.some(isModel) && found
  })
  expect(lineage.nodes).toContainEqual({
    __typename: 'Model',
    name: 'tiny',
    executorImage: { id: executorImageId },
  })
  expect(lineage.nodes).toContainEqual({ __typename: 'Job', kinds: ['TRAINING'], attempt: 1 })
  expect(lineage.nodes).toContainEqual({ __typename: 'DatasetVersion', id: held.id })

  const leakage = `query ($train: ID!, $test: ID!) {
    datasetLeakage(trainVersionId: $train, testVersionId: $test) { identicalCount } }`
  const leaked = { datasetLeakage: { identicalCount: 2 } }
  expect(await client.ask(leakage, { train: base.id, test: held.id })).toEqual(leaked)

  const refused = mutate('deleteDataset', { id: base.dataset.id }, 'id')
  await expect(refused).rejects.toThrow(/other datasets were made from it/)
  const garbage = await mutate(
    'collectGarbage',
    { dryRun: true, graceHours: 1 },
    'removed { count } pageCount',
  )
  expect(garbage).toMatchObject({ removed: { count: 0 } })
}, 180_000)

function isModel(node: { readonly __typename: string } | null): boolean {
  return node?.__typename === 'Model'
}

// each with a project of its own on the same platform
describe('imports', async () => void (await import('./datasets/import.ts')))
describe('exports', async () => void (await import('./datasets/export.ts')))
describe('operations', async () => void (await import('./datasets/operations.ts')))
describe('merges', async () => void (await import('./datasets/merge.ts')))
describe('predictions', async () => void (await import('./datasets/predictions.ts')))
describe('statistics', async () => void (await import('./datasets/statistics.ts')))
