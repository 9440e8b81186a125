import type { UserCaller } from '@ymir/graphql'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { anArchiveOf } from '../testing/archive.ts'
import { aUser, startTestService, type TestService } from '../testing/service.ts'

let service: TestService
let projectId: string
let owner: UserCaller
let datasetId: string
let versionId: string
let assetId: string

beforeAll(async () => {
  service = await startTestService()
  ;({ projectId, owner } = await service.aProject())
  const imported = await service.importArchive(await anArchiveOf(2), { projectId }, owner)
  ;[versionId, datasetId] = [imported.version.id, imported.dataset.id]
  const { data } = await read(owner)
  assetId = data.datasetVersion.assets.edges[0].node.id
})
afterAll(() => service.stop())

const read = (caller: UserCaller) =>
  service.ask(
    `query ($version: ID!, $dataset: ID!) {
       datasetVersion(id: $version) { assetCount statistics { boxAreas { count } } manifest { sha256 }
         assets(first: 1) { edges { node { id } } } }
       dataset(id: $dataset) { public versions { totalCount } }
       datasetDiff(from: $version, to: $version) { changed } }`,
    { version: versionId, dataset: datasetId },
    caller,
  )

const share = (isPublic: boolean, caller: UserCaller) =>
  service.ask(
    `mutation ($input: ShareDatasetInput!) { shareDataset(input: $input) { dataset { public } } }`,
    { input: { datasetId, public: isPublic } },
    caller,
  )

const filesOf = (caller: UserCaller) =>
  Promise.all(
    [
      `/files/assets/${versionId}/${assetId}`,
      `/files/thumbnails/${versionId}/${assetId}`,
      `/files/exports/${versionId}.voc.zip`,
    ].map(async (path) => (await service.get(path, caller)).status),
  )

test('a public dataset is read by everyone signed in, with files and exports, and changed by none of them', async () => {
  const stranger = aUser()
  expect((await read(stranger)).errors?.[0]).toMatchObject({ extensions: { code: 'FORBIDDEN' } })
  expect(await filesOf(stranger)).toEqual([403, 403, 403])

  expect((await share(true, owner)).data.shareDataset).toEqual({ dataset: { public: true } })
  const { data, errors } = await read(stranger)
  expect(errors).toBeUndefined()
  expect(data).toMatchObject({
    datasetVersion: { assetCount: 2 },
    dataset: { public: true, versions: { totalCount: 1 } },
  })
  expect(await filesOf(stranger)).toEqual([200, 200, 200])
  const sample = await service.ask(
    `mutation ($input: SampleVersionInput!) { sampleVersion(input: $input) { version { id } } }`,
    { input: { versionId, count: 1, datasetId } },
    stranger,
  )
  expect(sample.errors?.[0]).toMatchObject({ extensions: { code: 'FORBIDDEN', needed: 'EDITOR' } })

  await share(false, owner)
  expect(await filesOf(stranger)).toEqual([403, 403, 403])
})

test('only owners share, sharing is said once, and public datasets are listed', async () => {
  const editor = aUser({ [projectId]: 'EDITOR' })
  expect((await share(true, editor)).errors?.[0]).toMatchObject({
    extensions: { code: 'FORBIDDEN', needed: 'OWNER' },
  })
  const before = await said()
  await share(true, owner)
  await share(true, owner)
  expect((await said()) - before).toBe(1)
  const { data } = await service.ask(`{ publicDatasets { totalCount edges { node { id } } } }`, {}, aUser())
  expect(data.publicDatasets).toEqual({ totalCount: 1, edges: [{ node: { id: datasetId } }] })
  await share(false, owner)
})

async function said(): Promise<number> {
  const [row]: { count: string }[] = await service.database.query(
    `select count(*) from outbox where type = 'ymir.dataset.shared.v1'`,
  )
  return Number(row!.count)
}

test('usage counts other projects with versions made from it, and names those that one may see', async () => {
  await share(true, owner)
  const users = [await service.aProject(), await service.aProject()]
  for (const { projectId: id, owner: user } of users) {
    const copy = await service.ask(
      `mutation ($input: CopyVersionInput!) { copyVersion(input: $input) { version { id } } }`,
      { input: { versionId, projectId: id, name: 'borrowed' } },
      user,
    )
    expect(copy.errors).toBeUndefined()
  }
  const usage = async (caller: UserCaller) =>
    (
      await service.ask(
        `query ($id: ID!) { dataset(id: $id) { usedByProjects { count projects { id } } } }`,
        { id: datasetId },
        caller,
      )
    ).data.dataset.usedByProjects
  expect(await usage(owner)).toEqual({ count: 2, projects: [] })
  const { projectId: id, owner: user } = users[0]!
  expect(await usage(user)).toEqual({ count: 2, projects: [{ id }] })
})

test('a public dataset can be imported into a project of another', async () => {
  await share(true, owner)
  const own = await service.aProject()
  const imported = await service.importFrom({ projectId: own.projectId, versionId }, own.owner)
  expect(imported).toMatchObject({ state: 'SUCCEEDED', version: { assetCount: 2 } })
})
