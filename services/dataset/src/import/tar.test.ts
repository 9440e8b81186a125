import { randomUUID } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { unzipSync } from 'fflate'
import type { UserCaller } from '@ymir/graphql'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ArchivedFile } from '../export/archived-file.ts'
import { tarOf } from '../export/tar-writer.ts'
import { writers } from '../format/writers.ts'
import { anArchiveOf } from '../testing/archive.ts'
import { startTestService, type TestService } from '../testing/service.ts'

let service: TestService
let owner: UserCaller
let projectId: string

beforeAll(async () => {
  service = await startTestService()
  ;({ owner, projectId } = await service.aProject())
})
afterAll(() => service.stop())

/** The same files as a tar. */
async function asTar(zip: Uint8Array): Promise<Buffer> {
  const files = async function* (): AsyncGenerator<ArchivedFile> {
    for (const [name, bytes] of Object.entries(unzipSync(zip))) yield await Promise.resolve({ name, bytes })
  }
  const pieces: Buffer[] = []
  for await (const piece of tarOf(files())) pieces.push(piece)
  return Buffer.concat(pieces)
}

async function inspected(archive: Buffer) {
  const { data, errors } = await service.ask(
    `mutation ($input: InspectImportInput!) { inspectImport(input: $input) { inspection {
       format why imageCount imageBytes annotationFileCount sampleNames knownLabels unknownLabels problems { file problem } } } }`,
    { input: { projectId, uploadId: await service.upload(archive, owner.userId) } },
    owner,
  )
  expect(errors).toBeUndefined()
  return data.inspectImport.inspection
}

test('a tar and a tar.gz are seen before and imported as the same zip is', async () => {
  const zip = await anArchiveOf(4)
  const tar = await asTar(zip)
  const [first, ...others] = [zip, tar, gzipSync(tar)]
  const expected = await service.importArchive(first!, { projectId }, owner)
  const seen = await inspected(first!)
  expect([expected.state, seen.format, seen.imageCount]).toEqual(['SUCCEEDED', 'VOC', 4])
  for (const archive of others) {
    expect(await inspected(archive)).toEqual(seen)
    const found = await service.importArchive(archive, { projectId }, owner)
    expect(found.report).toEqual(expected.report)
    expect(found.version.root).toBe(expected.version.root)
  }
})

test('what is wrong with an item of a tar is reported as of a zip', async () => {
  const tar = await asTar(await anArchiveOf(2, { label: 'unheard of' }))
  const { state, report } = await service.importArchive(tar, { projectId }, owner)
  expect([state, report.unknownLabels]).toEqual(['REFUSED', ['unheard of']])
})

const lossless = Object.values(writers).flatMap(({ name, loses }) => (loses.length ? [] : [name]))

test.each(lossless)(
  '%s: an export as a tar comes back with the same root, also with gzip',
  async (format) => {
    const { version } = await service.importArchive(await anArchiveOf(3), { projectId }, owner)
    const { data, errors } = await service.ask(
      `mutation ($input: ExportVersionInput!) { exportVersion(input: $input) { url } }`,
      { input: { versionId: version.id, format, container: 'TAR' } },
      owner,
    )
    expect(errors).toBeUndefined()
    const tar = Buffer.from(await (await service.get(data.exportVersion.url, owner)).arrayBuffer())
    for (const archive of [tar, gzipSync(tar)]) {
      const found = await service.importArchive(archive, { projectId, name: randomUUID() }, owner)
      expect(found.report).toMatchObject({ format, problems: [], assetCount: 3 })
      expect(found.version.root).toBe(version.root)
    }
  },
)
