import { randomUUID } from 'node:crypto'
import type { UserCaller } from '@ymir/graphql'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writers } from '../format/writers.ts'
import { anImageSize, annotationSets } from '../testing/format.ts'
import { startTestService, type TestService } from '../testing/service.ts'
import { aStoredVersion } from '../testing/stored-version.ts'

let service: TestService
let projectId: string
let owner: UserCaller

beforeAll(async () => {
  service = await startTestService()
  ;({ projectId, owner } = await service.aProject(['cell', 'a & b <c>', 'Zelle "ä"']))
})
afterAll(() => service.stop())

async function exportOf(versionId: string, format: string): Promise<Buffer> {
  const { data, errors } = await service.ask(
    `mutation ($input: ExportVersionInput!) { exportVersion(input: $input) { url } }`,
    { input: { versionId, format } },
    owner,
  )
  if (errors) throw new Error(errors[0]?.message)
  return Buffer.from(await (await service.get(data.exportVersion.url, owner)).arrayBuffer())
}

const lossless = Object.values(writers).flatMap(({ name, loses }) => (loses.length ? [] : [name]))
const fiveSets = fc.array(annotationSets, { minLength: 5, maxLength: 5 })

test.each(lossless)('%s: importing an export gives the same root, whatever the annotations', async (format) =>
  fc.assert(
    fc.asyncProperty(fiveSets, async (sets) => {
      const version = await aStoredVersion(service, projectId, sets, anImageSize)
      const input = { projectId, name: randomUUID() }
      const found = await service.importArchive(await exportOf(version.id, format), input, owner)
      expect(found.report).toMatchObject({ format, problems: [], assetCount: 5 })
      expect(found.version.root).toBe(version.root)
    }),
    { numRuns: 1, endOnFailure: true },
  ),
)
