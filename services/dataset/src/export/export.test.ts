import { unzipSync } from 'fflate'
import type { UserCaller } from '@ymir/graphql'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { anArchive, anImage } from '../testing/archive.ts'
import { aUser, startTestService, type TestService } from '../testing/service.ts'

let service: TestService
let owner: UserCaller
let projectId: string

beforeAll(async () => {
  service = await startTestService()
  ;({ owner, projectId } = await service.aProject(['a & b <c>']))
})
afterAll(() => service.stop())

async function exported(versionId: string, caller = owner): Promise<Response> {
  const { data, errors } = await service.ask(
    `mutation ($versionId: ID!) { exportVersion(input: { versionId: $versionId }) { url } }`,
    { versionId },
    caller,
  )
  if (errors) throw new Error(String(errors[0]?.extensions.code))
  return service.get(data.exportVersion.url, caller)
}

async function aVersion() {
  const object = (extra: string, inBox = '') =>
    `<object><name>a &amp; b &lt;c&gt;</name>${extra}<bndbox><xmin>1.5</xmin><ymin>2</ymin><xmax>20</xmax>` +
    `<ymax>30</ymax>${inBox}</bndbox></object>`
  const flags =
    '<difficult>1</difficult><truncated>1</truncated><crowd>1</crowd><box_quality>0.25</box_quality>'
  const files = {
    'images/a.jpg': await anImage({ tone: 1 }),
    'annotations/a.xml': `<annotation>${object('')}${object(flags, '<rotate_angle>0.5</rotate_angle>')}</annotation>`,
    'images/b.png': await anImage({ tone: 2, format: 'png' }),
    'images/c.webp': await anImage({ tone: 3, format: 'webp' }),
  }
  return (await service.importArchive(anArchive(files), { projectId }, owner)).version
}

test('an export that is imported again has the same root, and is exported to the same bytes', async () => {
  const version = await aVersion()
  const archive = Buffer.from(await (await exported(version.id)).arrayBuffer())
  expect(Object.keys(unzipSync(archive))).toHaveLength(6)
  const again = await service.importArchive(archive, { projectId }, owner)
  expect(again).toMatchObject({ state: 'SUCCEEDED', report: { problemCount: 0 } })
  expect(again.version).toMatchObject({ root: version.root, annotationCount: 2, negativeCount: 2 })
  expect(Buffer.from(await (await exported(again.version.id)).arrayBuffer())).toEqual(archive)
})

test('an export is for members, as a file to save', async () => {
  const version = await aVersion()
  const response = await exported(version.id)
  expect(response.headers.get('content-type')).toBe('application/zip')
  expect(response.headers.get('content-disposition')).toBe(`attachment; filename="${version.id}.voc.zip"`)
  await response.body?.cancel()
  await expect(exported(version.id, aUser())).rejects.toThrow('FORBIDDEN')
  expect((await service.get(`/files/exports/${version.id}.voc.zip`, aUser())).status).toBe(403)
  expect((await service.get(`/files/exports/${version.id}.tar`, owner)).status).toBe(404)
})

test('a reader who leaves in the middle of an export holds no connection of the database', async () => {
  const version = await aVersion()
  for (let round = 0; round < 20; round++) await (await exported(version.id)).body?.cancel()
  expect((await exported(version.id)).status).toBe(200)
})
