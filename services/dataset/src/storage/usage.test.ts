import { statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { UserCaller } from '@ymir/graphql'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { anArchiveOf } from '../testing/archive.ts'
import { aUser, startTestService, type TestService } from '../testing/service.ts'
import { StorageUsage } from './usage.ts'

let service: TestService
beforeAll(async () => {
  service = await startTestService()
})
afterAll(() => service.stop())

const administrator: UserCaller = { ...aUser(), role: 'ADMINISTRATOR' }
const usageQuery = `{ storageUsage { images { count bytes } others { count bytes } databaseBytes freeBytes measuredAt } }`

test('an administrator sees what images, other files and the database take, as it was a minute ago at most', async () => {
  const { owner, projectId } = await service.aProject()
  const { version } = await service.importArchive(await anArchiveOf(3), { projectId }, owner)
  const { data: found } = await service.ask(
    `query ($id: ID!) { datasetVersion(id: $id) { assets { edges { node { size } } } } }`,
    { id: version.id },
    owner,
  )
  const sizes: number[] = found.datasetVersion.assets.edges.map(
    ({ node }: { node: { size: number } }) => node.size,
  )
  const bytes = sizes.reduce((sum, size) => sum + size, 0)
  const blobs: number[] = []
  for await (const { size } of service.blobs.list()) blobs.push(size)

  const { data, errors } = await service.ask(usageQuery, {}, administrator)

  expect(errors).toBeUndefined()
  expect(data.storageUsage).toMatchObject({
    images: { count: 3, bytes },
    others: { count: blobs.length - 3, bytes: blobs.reduce((sum, size) => sum + size, 0) - bytes },
  })
  expect(data.storageUsage.others.count).toBeGreaterThan(0) // the list of what was wrong
  expect(data.storageUsage.databaseBytes).toBeGreaterThan(1_000_000)
  const { blocks, bsize } = await statfs(join(service.home, 'blobs'))
  expect(data.storageUsage.freeBytes).toBeGreaterThan(0)
  expect(data.storageUsage.freeBytes).toBeLessThan(blocks * bsize)

  await service.importArchive(await anArchiveOf(2, { tone: 200 }), { projectId }, owner)
  expect((await service.ask(usageQuery, {}, administrator)).data).toEqual(data)
})

test('after a minute it is measured again', async () => {
  let now = Date.now()
  const { database, blobs, home } = service
  const usage = new StorageUsage({ database, blobs, blobPlace: join(home, 'blobs') }, () => now)
  const before = await usage.read()
  const { size } = await blobs.put(Buffer.from('a file of a model'))
  now += 59_000
  expect(await usage.read()).toEqual(before)
  now += 2_000
  const { others } = await usage.read()
  expect(others).toEqual({ count: before.others!.count + 1, bytes: before.others!.bytes + size })
})

test('blobs in a bucket have no disk that fills', async () => {
  const { database, blobs } = service
  const usage = new StorageUsage({ database, blobs, blobPlace: 's3://bricks/ymir' })
  expect((await usage.read()).freeBytes).toBeNull()
})

test('others are refused', async () => {
  const { owner } = await service.aProject()
  expect((await service.ask(usageQuery, {}, owner)).errors?.[0]?.extensions.code).toBe('FORBIDDEN')
})
