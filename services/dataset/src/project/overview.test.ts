import { afterAll, beforeAll, expect, test } from 'vitest'
import { anArchiveOf } from '../testing/archive.ts'
import { aUser, startTestService, type TestService } from '../testing/service.ts'

let service: TestService
beforeAll(async () => {
  service = await startTestService()
})
afterAll(() => service.stop())

const overview = `projects { edges { node { id thumbnailUrls(first: 2) datasetCount versionCount assetCount } } }`

test('a list of projects shows what each holds, and pictures of its newest version', async () => {
  const { projectId, owner } = await service.aProject()
  const { version, dataset } = await service.importArchive(await anArchiveOf(3), { projectId }, owner)
  const sample = `mutation ($input: SampleVersionInput!) { sampleVersion(input: $input) { version { id } } }`
  const input = { versionId: version.id, count: 1 }
  await service.ask(sample, { input: { ...input, datasetId: dataset.id } }, owner)
  const { data: made } = await service.ask(sample, { input: { ...input, count: 2, name: 'two' } }, owner)
  const empty = await service.aProject()
  const both = aUser({ [projectId]: 'VIEWER', [empty.projectId]: 'VIEWER' })

  const { data } = await service.ask(`{ ${overview} }`, {}, both)

  const newest = made.sampleVersion.version.id
  const thumbnail = expect.stringMatching(new RegExp(`^/files/thumbnails/${newest}/[0-9a-f]{64}$`))
  const nodes = data.projects.edges.map(({ node }: { node: { id: string } }) => node)
  expect(nodes).toEqual([
    { id: empty.projectId, thumbnailUrls: [], datasetCount: 0, versionCount: 0, assetCount: 0 },
    {
      ...{ id: projectId, thumbnailUrls: [thumbnail, thumbnail] },
      ...{ datasetCount: 2, versionCount: 3, assetCount: 1 + 2 },
    },
  ])
  for (const path of nodes[1].thumbnailUrls) expect((await service.get(path, both)).status).toBe(200)
})

test('what a list shows of its projects is two queries, however many there are', async () => {
  const owner = aUser()
  for (let count = 0; count < 3; count++)
    await service.ask(
      `mutation { createProject(input: { name: "p", classes: [] }) { project { id } } }`,
      {},
      owner,
    )
  const asked: string[] = []
  const query = service.database.query.bind(service.database)
  service.database.query = (text: string, ...rest: never[]) => {
    asked.push(text)
    return query(text, ...rest)
  }
  await service.ask(`{ ${overview} }`, {}, { ...owner, role: 'ADMINISTRATOR' })
  service.database.query = query
  expect(asked.filter((text) => text.includes('dataset_versions'))).toHaveLength(2)
})
