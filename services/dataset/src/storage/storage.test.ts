import type { UserCaller } from '@ymir/graphql'
import { utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { anArchiveOf } from '../testing/archive.ts'
import { aUser, startTestService, type TestService } from '../testing/service.ts'

let service: TestService
let owner: UserCaller
let projectId: string

beforeEach(async () => {
  await service?.stop()
  service = await startTestService()
  ;({ owner, projectId } = await service.aProject())
})
afterAll(() => service.stop())

const administrator: UserCaller = { ...aUser(), role: 'ADMINISTRATOR' }
const collectMutation = `mutation ($input: CollectGarbageInput!) { collectGarbage(input: $input) {
  unreachable { count bytes } removed { count bytes } kept { count } pageCount blobs { sha256 kind size } } }`

async function collect(dryRun = false, caller = administrator) {
  const { data, errors } = await service.ask(collectMutation, { input: { dryRun, graceHours: 1 } }, caller)
  if (errors) throw new Error(errors[0]?.message)
  return data.collectGarbage
}

const remove = (id: string, caller = owner) =>
  service.ask(`mutation ($id: ID!) { deleteDataset(input: { id: $id }) { id } }`, { id }, caller)

async function imported(archive: Buffer, name = 'bricks') {
  const found = await service.importArchive(archive, { projectId, name }, owner)
  const { data } = await service.ask(
    `query ($id: ID!) { datasetVersion(id: $id) { manifest { sha256 } assets { edges { node { id url } } } } }`,
    { id: found.version.id },
    owner,
  )
  const { manifest, assets } = data.datasetVersion
  return {
    datasetId: found.dataset.id as string,
    versionId: found.version.id as string,
    manifest: manifest.sha256 as string,
    assets: assets.edges.map(({ node }: { node: { id: string; url: string } }) => node) as {
      id: string
      url: string
    }[],
  }
}

/** Lets days pass for what is marked and for files. */
async function daysPass(...hashes: string[]) {
  const then = new Date(Date.now() - 48 * 3_600_000)
  await service.database.query(`update unreachable_blobs set since = since - interval '48 hours'`)
  for (const hash of hashes) {
    const path = join(service.home, 'blobs', hash.slice(0, 2), hash)
    await utimes(path, then, then)
  }
}

const areThere = (hashes: string[]) => Promise.all(hashes.map((hash) => service.blobs.has(hash)))

test('images and manifest of a deleted dataset go after the grace; what others have stays', async () => {
  const gone = await imported(await anArchiveOf(3), 'gone')
  const kept = await imported(await anArchiveOf(2, { label: 'cell' }), 'kept') // two of the same images
  const hashes = [...gone.assets.map(({ id }) => id), gone.manifest]
  await daysPass(...hashes)
  const alone = gone.assets.map(({ id }) => id).filter((id) => !kept.assets.some((one) => one.id === id))
  expect(alone).toHaveLength(1)

  expect((await collect()).unreachable.count).toBe(0)
  expect((await remove(gone.datasetId)).errors).toBeUndefined()
  const young = await collect()
  expect(young).toMatchObject({ unreachable: { count: 2 }, removed: { count: 0 } })
  await daysPass(...hashes)
  const dry = await collect(true)
  expect(dry).toMatchObject({ removed: { count: 2 }, kept: { count: 0 } })
  expect(dry.blobs.map(({ sha256 }: { sha256: string }) => sha256).sort()).toEqual(
    [...alone, gone.manifest].sort(),
  )
  expect(await areThere(hashes)).toEqual([true, true, true, true])

  expect(await collect()).toMatchObject({ removed: dry.removed, kept: { count: 0 } })

  expect(await areThere([...alone, gone.manifest])).toEqual([false, false])
  for (const { url } of kept.assets) expect((await service.get(url, owner)).status).toBe(200)
  expect((await collect()).unreachable.count).toBe(0)
})

test('a collected image comes back with an import of the same bytes', async () => {
  const archive = await anArchiveOf(2)
  const first = await imported(archive)
  await remove(first.datasetId)
  await collect()
  await daysPass(...first.assets.map(({ id }) => id))
  expect(await collect()).toMatchObject({ removed: { count: 2 }, kept: { count: 1 } }) // the manifest is young

  const again = await imported(archive)

  for (const { url } of again.assets) expect((await service.get(url, owner)).status).toBe(200)
  const lost = await service.database.query('select from assets where collected_at is not null')
  expect(lost).toEqual([])
})

test('an import at the moment of a collection finds its bytes afterwards', async () => {
  const archive = await anArchiveOf(6)
  for (let round = 0; round < 4; round++) {
    const before = await imported(archive)
    await remove(before.datasetId)
    await collect()
    await daysPass(...before.assets.map(({ id }) => id))

    const collecting = (async () => {
      for (let time = 0; time < 5; time++) await collect()
    })()
    const [during] = await Promise.all([imported(archive, `round ${round}`), collecting])

    for (const { url } of during.assets) expect((await service.get(url, owner)).status).toBe(200)
    await remove(during.datasetId)
  }
})

test('a photo that an inference holds stays', async () => {
  const { datasetId, assets } = await imported(await anArchiveOf(2))
  await remove(datasetId)
  await collect()
  await daysPass(...assets.map(({ id }) => id))
  service.heldPhotos.push(assets[0]!.id)

  expect(await collect()).toMatchObject({ removed: { count: 1 } })

  expect(await areThere(assets.map(({ id }) => id))).toEqual([true, false])
})

test('a dataset that others were made from is not deleted, and says which', async () => {
  const { datasetId, versionId } = await imported(await anArchiveOf(3))
  const { data, errors } = await service.ask(
    `mutation ($input: SampleVersionInput!) { sampleVersion(input: $input) { version { dataset { id } } } }`,
    { input: { versionId, count: 1, name: 'sampled', seed: 1 } },
    owner,
  )
  expect(errors).toBeUndefined()

  const refused = await remove(datasetId)

  expect(refused.errors?.[0]).toMatchObject({ extensions: { code: 'CONFLICT' } })
  expect(refused.errors?.[0]?.message).toContain('"sampled"')
  expect((await remove(data.sampleVersion.version.dataset.id)).errors).toBeUndefined()
  expect((await remove(datasetId)).errors).toBeUndefined()
  const { data: after } = await service.ask(
    `query ($id: ID!) { datasetVersion(id: $id) { id } }`,
    { id: versionId },
    owner,
  )
  expect(after?.datasetVersion ?? null).toBeNull()
})

test('a dataset with a protected tag is not deleted; with plain tags it is', async () => {
  const { datasetId, versionId } = await imported(await anArchiveOf(2, { tone: 5 }), 'tagged')
  const tag = (name: string, isProtected: boolean) =>
    service.ask(
      `mutation ($input: TagVersionInput!) { tagVersion(input: $input) { tag { name } } }`,
      { input: { datasetId, versionId, name, protected: isProtected } },
      owner,
    )
  expect((await tag('plain', false)).errors).toBeUndefined()
  expect((await tag('release', true)).errors).toBeUndefined()
  const { errors } = await remove(datasetId)
  expect(errors?.[0]?.message).toBe('"tagged" has protected tags ("release"): delete them first')

  await service.ask(
    `mutation ($input: DeleteVersionTagInput!) { deleteVersionTag(input: $input) { dataset { id } } }`,
    { input: { datasetId, name: 'release' } },
    owner,
  )
  expect((await remove(datasetId)).errors).toBeUndefined()
})

test('only owners delete, only administrators collect, and not without a grace', async () => {
  const { datasetId } = await imported(await anArchiveOf(1))
  const editor = aUser({ [projectId]: 'EDITOR' })

  expect((await remove(datasetId, editor)).errors?.[0]?.extensions.code).toBe('FORBIDDEN')
  await expect(collect(true, owner)).rejects.toThrow('administrators')
  const now = await service.ask(collectMutation, { input: { dryRun: true, graceHours: 0 } }, administrator)
  expect(now.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT')
})
