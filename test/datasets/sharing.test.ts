import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { aDatasetProject, type DatasetProject, type Version } from '../testing/dataset.ts'
import { aPlatform, signUp, type TestPlatform } from '../testing/platform.ts'
import { pictures, vocArchive } from '../testing/shapes.ts'

let ymir: TestPlatform
let project: DatasetProject
/** Somebody else, with a project of her own. */
let hers: DatasetProject
let version: Version

beforeAll(async () => {
  ymir = await aPlatform()
  project = await aDatasetProject(ymir.client, 'his', ['disc', 'square'])
  hers = await aDatasetProject(await signUp(ymir.client, 'grace@ymir.example'), 'hers', ['disc', 'square'])
  version = await project.versionOf(vocArchive(await pictures(3, 5)))
}, 120_000)
afterAll(() => ymir?.stop(), 60_000)

const forbidden = { extensions: { code: 'FORBIDDEN' } }
const isPublic = (as: DatasetProject, to: boolean) =>
  as.mutate(
    'shareDataset',
    { datasetId: version.dataset.id, public: to },
    'dataset { public usedByProjects { count } }',
  )
const publicNames = async () => {
  const query = '{ publicDatasets { edges { node { name } } } }'
  const { publicDatasets } = await hers.client.ask<{
    publicDatasets: { edges: { node: { name: string } }[] }
  }>(query)
  return publicDatasets.edges.map(({ node }) => node.name)
}
interface Assets {
  readonly assets: { readonly edges: { readonly node: { url: string; thumbnailUrl: string } }[] }
}

test('a private dataset is closed to other projects: its graph, its files and everything made of it', async () => {
  const { assets } = await project.of<Assets>(version.id, 'assets { edges { node { url thumbnailUrl } } }')
  const { url, thumbnailUrl } = assets.edges[0]!.node
  const own = await hers.versionOf(vocArchive(await pictures(1, 6)))
  const attempts: [string, () => Promise<unknown>][] = [
    ['read', () => hers.version(version.id)],
    ['copy', () => hers.made('copyVersion', { versionId: version.id, projectId: hers.id })],
    ['export', () => hers.mutate('exportVersion', { versionId: version.id }, 'url')],
    ['merge', () => hers.made('mergeVersions', { versionIds: [own.id, version.id] })],
    ['exclude', () => hers.made('excludeVersions', { versionId: own.id, excludeVersionIds: [version.id] })],
    ['sample', () => hers.made('sampleVersion', { versionId: version.id, count: 1 })],
    ['compare', () => hers.client.ask(diff, { from: own.id, to: version.id })],
    ['share', () => isPublic(hers, true)],
    ['delete', () => hers.mutate('deleteDataset', { id: version.dataset.id }, 'id')],
  ]
  for (const [what, attempt] of attempts) await expect(attempt(), what).rejects.toMatchObject(forbidden)
  for (const path of [url, thumbnailUrl, `/files/exports/${version.id}.voc.zip`])
    expect([path, (await hers.client.get(path)).status]).toEqual([path, 403])
  expect(await publicNames()).toEqual([])
})
const diff = 'query ($from: ID!, $to: ID!) { datasetDiff(from: $from, to: $to) { added } }'

test('a public one is read, copied and exported by everyone, changed by none, and closed again', async () => {
  expect(await isPublic(project, true)).toMatchObject({ dataset: { public: true } })
  expect(await publicNames()).toEqual([version.dataset.name])
  const { assets } = await hers.of<Assets>(version.id, 'assets { edges { node { url thumbnailUrl } } }')
  expect((await hers.client.get(assets.edges[0]!.node.url)).status).toBe(200)
  const copy = await hers.made('copyVersion', { versionId: version.id, projectId: hers.id })
  expect(copy.root).toBe(version.root)
  const { url } = await hers.mutate<{ url: string }>('exportVersion', { versionId: version.id }, 'url')
  expect((await hers.versionOf(await hers.client.download(url))).root).toBe(version.root)
  const note = hers.mutate('setVersionNote', { versionId: version.id, note: 'mine' }, 'version { id }')
  await expect(note).rejects.toMatchObject(forbidden)
  await expect(hers.mutate('deleteDataset', { id: version.dataset.id }, 'id')).rejects.toMatchObject(
    forbidden,
  )

  expect(await isPublic(project, false)).toEqual({ dataset: { public: false, usedByProjects: { count: 1 } } })
  await expect(hers.version(version.id)).rejects.toMatchObject(forbidden)
  expect((await hers.version(copy.id)).root).toBe(version.root) // what she took stays hers
})

test('a platform that allows neither imports from its own network nor from its folders', async () => {
  const server = createServer((_, response) => response.end('secret'))
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo // listens on a port
  for (const host of ['127.0.0.1', 'localhost', '[::1]']) {
    const { state, problem } = await project.imported({ url: `http://${host}:${port}/set.zip` })
    expect([host, state]).toEqual([host, 'REFUSED'])
    expect(problem).toContain('which is not an address of the public Internet')
  }
  server.close()
  await expect(project.requestImport({ path: ymir.home })).rejects.toMatchObject(forbidden)
})

test('tags name versions, protected ones are for owners, and notes are kept', async () => {
  const next = await project.made('sampleVersion', {
    versionId: version.id,
    datasetId: version.dataset.id,
    count: 2,
  })
  const tag = (as: DatasetProject, input: object) =>
    as.mutate(
      'tagVersion',
      { datasetId: version.dataset.id, ...input },
      'tag { name isProtected version { id } }',
    )
  await tag(project, { versionId: version.id, name: 'gold', protected: true })
  const editor = await signUp(ymir.client, 'eve@ymir.example')
  await project.mutate(
    'setMember',
    { projectId: project.id, email: 'eve@ymir.example', role: 'EDITOR' },
    '__typename',
  )
  const editors = project.by(editor)

  const moved = { versionId: next.id, name: 'gold', move: true }
  await expect(tag(editors, moved)).rejects.toMatchObject({ extensions: { code: 'FORBIDDEN' } })
  await expect(tag(project, { ...moved, move: false })).rejects.toMatchObject({
    extensions: { code: 'CONFLICT' },
  })
  expect(await tag(project, moved)).toEqual({
    tag: { name: 'gold', isProtected: true, version: { id: next.id } },
  })
  await tag(editors, { versionId: version.id, name: 'draft' })
  expect(await project.of(version.id, 'tags { name }')).toEqual({ tags: [{ name: 'draft' }] })
  const drop = (as: DatasetProject, name: string) =>
    as.mutate('deleteVersionTag', { datasetId: version.dataset.id, name }, 'dataset { tags { name } }')
  await expect(drop(editors, 'gold')).rejects.toMatchObject({ extensions: { code: 'FORBIDDEN' } })
  expect(await drop(editors, 'draft')).toEqual({ dataset: { tags: [{ name: 'gold' }] } })

  const note = { versionId: version.id, note: 'checked by two people' }
  await project.mutate('setVersionNote', note, 'version { note }')
  expect(await project.of(version.id, 'note')).toEqual({ note: 'checked by two people' })
})
