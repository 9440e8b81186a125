import { createHash } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { readJsonLines } from '@ymir/blobs'
import type { UserCaller } from '@ymir/graphql'
import { waitUntil } from '@ymir/service'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { anArchive, anArchiveOf, anImage, aVocFile } from '../testing/archive.ts'
import { aUser, startTestService, type TestService } from '../testing/service.ts'
import { readEntries } from '../asset/entry.store.ts'
import { Imports } from './imports.ts'
import { respell } from './respell.ts'

let service: TestService

beforeAll(async () => {
  service = await startTestService()
})
afterAll(() => service.stop())

test('an archive becomes a version whose manifest has each image with its boxes', async () => {
  const { projectId, owner } = await service.aProject()
  const found = await service.importArchive(await anArchiveOf(3), { projectId }, owner)
  expect(found).toMatchObject({ state: 'SUCCEEDED', progress: 1, problem: null })
  expect(found.version).toMatchObject({ number: 1, assetCount: 3, annotationCount: 3, negativeCount: 0 })
  expect(found.version.labels).toEqual([{ label: 'cell', annotationCount: 3, assetCount: 3 }])
  const lines = []
  for await (const line of readJsonLines<{ assetId: string }>(
    service.blobs.read(found.version.manifest.sha256),
  ))
    lines.push(line)
  expect(lines.map(({ assetId }) => assetId)).toEqual(lines.map(({ assetId }) => assetId).toSorted())
  expect(lines[0]).toMatchObject({ format: 'jpg', width: 64, height: 48 })
  expect(lines).toContainEqual(
    expect.objectContaining({
      annotations: [
        {
          label: 'cell',
          box: { x: 1, y: 2, width: 20, height: 29 },
          difficult: false,
          truncated: false,
          crowd: false,
          source: { kind: 'IMPORT', id: found.id },
        },
      ],
    }),
  )
})

const three = async () => ({
  'images/a.jpg': await anImage({ tone: 1 }),
  'annotations/a.xml': aVocFile([{ corners: [1, 1, 9, 9] }]),
  'images/b.jpg': await anImage({ tone: 50 }),
  'annotations/b.xml': aVocFile([{ corners: [1, 1, 9, 9] }, { corners: [7, 1, 7, 9] }]),
  'images/c.jpg': await anImage({ tone: 100 }),
})

describe('bad items', () => {
  test('refuse the whole import with STOP: nothing is left, and the name is free', async () => {
    const { projectId, owner } = await service.aProject()
    const refused = await service.importArchive(anArchive(await three()), { projectId, name: 'cells' }, owner)
    expect(refused).toMatchObject({ state: 'REFUSED', version: null, dataset: { latestVersion: null } })
    expect(refused.problem).toBe(
      'annotations/b.xml:20: object/bndbox/xmax 7 is not greater than xmin 7 (image 64x48): ' +
        'fix the box, or import with badItems: SKIP',
    )
    expect(refused.report.problems).toMatchObject([
      { file: 'annotations/b.xml', line: 20, outcome: 'REFUSED' },
    ])
    expect(await datasetsOf(projectId, owner)).toEqual([])
    const { 'annotations/b.xml': _, ...good } = await three()
    const again = await service.importArchive(anArchive(good), { projectId, name: 'cells' }, owner)
    expect(again.state).toBe('SUCCEEDED')
    expect(await datasetsOf(projectId, owner)).toEqual(['cells'])
  })

  test('make no asset of an image of a refused archive', async () => {
    const { projectId, owner } = await service.aProject()
    const image = await anImage({ tone: 4_321 })
    const files = { 'images/a.jpg': image, 'annotations/lost.xml': aVocFile([]) }
    const refused = await service.importArchive(anArchive(files), { projectId }, owner)
    expect(refused.state).toBe('REFUSED')
    const rows: unknown[] = await service.database.query(`select from assets where id = decode($1, 'hex')`, [
      sha256(image),
    ])
    expect(rows).toEqual([])
  })

  test('are left out and reported with SKIP: the box alone, or the image whose annotation cannot be read', async () => {
    const { projectId, owner } = await service.aProject()
    const photo = await noisyImage()
    const files = {
      ...(await three()),
      'images/broken.jpg': await anImage({ tone: 150 }),
      'annotations/broken.xml': '<annotation>\n<object>',
      'annotations/lost.xml': aVocFile([]),
      'images/text.jpg': 'I am no image',
      'images/cut.jpg': photo.subarray(0, photo.length / 2),
      'images/moving.gif': await anImage({ format: 'gif' }),
      'images/huge.png': hugePng(),
      '__MACOSX/images/._a.jpg': 'junk',
      'images/.DS_Store': 'junk',
    }
    const found = await service.importArchive(anArchive(files), { projectId, badItems: 'SKIP' }, owner)
    expect(found.state).toBe('SUCCEEDED')
    expect(found.version).toMatchObject({ assetCount: 3, annotationCount: 2, negativeCount: 1 })
    const words = found.report.problems.map(
      ({ file, problem }: { file: string; problem: string }) => `${file} ${problem}`,
    )
    expect(words.toSorted()).toEqual([
      expect.stringContaining('annotations/b.xml is not greater than xmin 7'),
      expect.stringContaining('annotations/broken.xml is not well-formed XML'),
      'annotations/lost.xml has no image of the same name',
      'images/cut.jpg is damaged or cut short',
      'images/huge.png is more than the 100000000 pixels allowed',
      'images/moving.gif is not supported',
      'images/text.jpg is not an image',
    ])
    expect(found.report).toMatchObject({ skippedItemCount: 7, problemCount: 7, assetCount: 3 })
  })
})

describe('names and bytes', () => {
  test('two images of one name in two folders are two assets', async () => {
    const { projectId, owner } = await service.aProject()
    const files = {
      'set/images/left/1.jpg': await anImage({ tone: 10 }),
      'set/images/right/1.jpg': await anImage({ tone: 20 }),
      'set/annotations/left/1.xml': aVocFile([{ corners: [1, 1, 9, 9] }]),
      'set/annotations/right/1.xml': aVocFile([{ corners: [1, 1, 9, 9] }, { corners: [1, 1, 20, 20] }]),
    }
    const { version } = await service.importArchive(anArchive(files), { projectId }, owner)
    expect(version).toMatchObject({ assetCount: 2, annotationCount: 3 })
  })

  test('the same bytes under two names are one asset', async () => {
    const { projectId, owner } = await service.aProject()
    const image = await anImage({ tone: 30 })
    const files = { 'images/1.jpg': image, 'images/2.jpg': image }
    const { version, report } = await service.importArchive(anArchive(files), { projectId }, owner)
    expect(version.assetCount).toBe(1)
    expect(report).toMatchObject({ duplicateCount: 1, problemCount: 0 })
  })

  test('the same bytes with two annotations are a problem; skipping keeps the first', async () => {
    const { projectId, owner } = await service.aProject()
    const image = await anImage({ tone: 30 })
    const files = {
      'images/1.jpg': image,
      'images/2.jpg': image,
      'annotations/2.xml': aVocFile([{ corners: [1, 1, 9, 9] }]),
    }
    const refused = await service.importArchive(anArchive(files), { projectId }, owner)
    expect(refused.problem).toContain(
      'images/2.jpg: is the same image as images/1.jpg with other annotations',
    )
    const { version } = await service.importArchive(anArchive(files), { projectId, badItems: 'SKIP' }, owner)
    expect(version).toMatchObject({ assetCount: 1, annotationCount: 0 })
  })

  test('two images that differ only in their extension are told apart by nobody', async () => {
    const { projectId, owner } = await service.aProject()
    const files = {
      'images/1.jpg': await anImage(),
      'images/1.png': await anImage({ format: 'png' }),
      'annotations/1.xml': aVocFile([]),
    }
    const refused = await service.importArchive(anArchive(files), { projectId }, owner)
    expect(refused.problem).toContain('images/1.png: has the same name as images/1.jpg but for its extension')
  })
})

describe('unknown labels', () => {
  const files = async () => ({
    'images/1.jpg': await anImage({ tone: 5 }),
    'annotations/1.xml': aVocFile([
      { name: 'CELL', corners: [1, 1, 9, 9] },
      { name: 'Newt', corners: [1, 1, 9, 9] },
      { name: 'newt', corners: [1, 1, 20, 20] },
    ]),
  })

  test('stop the import and are listed', async () => {
    const { projectId, owner } = await service.aProject()
    const refused = await service.importArchive(anArchive(await files()), { projectId }, owner)
    expect(refused).toMatchObject({ state: 'REFUSED', report: { unknownLabels: ['Newt', 'newt'] } })
    expect(refused.problem).toContain(
      'make them with createLabels, or import with unknownLabels: ADD or IGNORE',
    )
    expect(refused.report.problems[0]).toMatchObject({ line: 15, field: 'object/name', found: 'Newt' })
  })

  test('are left out, or become labels, as asked', async () => {
    const { projectId, owner } = await service.aProject()
    const left = await service.importArchive(
      anArchive(await files()),
      { projectId, unknownLabels: 'IGNORE' },
      owner,
    )
    expect(left.version.labels).toEqual([{ label: 'cell', annotationCount: 1, assetCount: 1 }])
    const added = await service.importArchive(
      anArchive(await files()),
      { projectId, unknownLabels: 'ADD' },
      owner,
    )
    expect(added.version.labels).toEqual([
      { label: 'cell', annotationCount: 1, assetCount: 1 },
      { label: 'Newt', annotationCount: 2, assetCount: 1 },
    ])
    const { data } = await service.ask(`{ labels(search: "NEW") { edges { node { name } } } }`, {}, owner)
    expect(data.labels.edges).toEqual([{ node: { name: 'Newt' } }])
  })
})

test('a pool takes images only, whatever its annotations say', async () => {
  const { projectId, owner } = await service.aProject()
  const files = { ...(await three()), 'annotations/a.xml': 'no XML at all' }
  const { version } = await service.importArchive(
    anArchive(files),
    { projectId, annotations: 'IGNORE' },
    owner,
  )
  expect(version).toMatchObject({ assetCount: 3, annotationCount: 0, negativeCount: 3 })
})

test.each([
  ['hello', 'archive: is not a zip archive'],
  [anArchive({ 'README.txt': 'no images' }), 'there is no image to import in the archive'],
  [anArchive({ '../images/a.jpg': 'a' }), '../images/a.jpg: is a name that leads out of the archive'],
])('an archive that cannot be one is refused with the reason (%#)', async (bytes, problem) => {
  const { projectId, owner } = await service.aProject()
  const refused = await service.importArchive(Buffer.from(bytes), { projectId, badItems: 'SKIP' }, owner)
  expect(refused.state).toBe('REFUSED')
  expect(refused.problem).toContain(problem)
})

test('an upload is only for the one who made it, and the target must be free', async () => {
  const { projectId, owner } = await service.aProject()
  const start = (input: object) => service.ask(importMutation, { input: { projectId, ...input } }, owner)
  const foreign = await service.upload(await anArchiveOf(1), aUser().userId)
  expect((await start({ name: 'a', uploadId: foreign })).errors?.[0]?.extensions.code).toBe('UPLOAD_MISSING')
  expect((await start({ name: 'a', uploadId: '../../etc/passwd' })).errors?.[0]?.extensions.code).toBe(
    'UPLOAD_MISSING',
  )
  await service.importArchive(await anArchiveOf(1), { projectId, name: 'cells' }, owner)
  const own = await service.upload(await anArchiveOf(1), owner.userId)
  expect((await start({ name: 'Cells', uploadId: own })).errors?.[0]).toMatchObject({
    message: expect.stringContaining('the project has a dataset "cells" already'),
    extensions: { code: 'CONFLICT', field: 'name' },
  })
  expect((await start({ uploadId: own })).errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT')
})

test('cancelling ends an import at once and leaves nothing', async () => {
  const { projectId, owner } = await service.aProject()
  const uploadId = await service.upload(await anArchiveOf(60, { tone: 7 }), owner.userId)
  const { data } = await service.ask(importMutation, { input: { projectId, name: 'cells', uploadId } }, owner)
  const { id } = data.importDataset.import
  const cancelled = await service.ask(
    `mutation ($id: ID!) { cancelImport(input: { id: $id }) { import { state version { id } } } }`,
    { id },
    owner,
  )
  expect(cancelled.data.cancelImport.import).toEqual({ state: 'CANCELLED', version: null })
  await service.imports.idle() // nothing more can come of it
  const after = await service.ask(
    `query ($id: ID!) { import(id: $id) { state version { id } } }`,
    { id },
    owner,
  )
  expect(after.data.import).toEqual({ state: 'CANCELLED', version: null })
})

test('cancelling while images are checked ends the thread: no batch comes after, and the next import begins', async () => {
  const slow = await startTestService({ imports: { batchImages: 4 } })
  const { projectId, owner } = await slow.aProject()
  const uploadId = await slow.upload(await anArchiveOf(600, { tone: 7 }), owner.userId)
  const { data } = await slow.ask(importMutation, { input: { projectId, name: 'cells', uploadId } }, owner)
  const { id } = data.importDataset.import
  const batches = async (): Promise<number> => {
    const [row] = await slow.database.query<[{ count: number }]>(
      'select count(*)::integer as count from import_batches',
    )
    return row.count
  }
  await waitUntil('a batch to be stored', async () => (await batches()) > 0, {
    timeoutMs: 20_000,
    everyMs: 1,
  })
  const cancelled = await slow.imports.cancel(id)
  expect(cancelled.state).toBe('CANCELLED')
  await slow.imports.idle()
  expect(await batches()).toBe(0)
  const next = await slow.importArchive(await anArchiveOf(2, { tone: 9 }), { projectId }, owner)
  expect(next).toMatchObject({ state: 'SUCCEEDED', version: { assetCount: 2 } })
  await slow.stop()
})

test('labels that somebody else spelled first while an import ran are written as the workspace writes them', async () => {
  const { projectId, owner } = await service.aProject()
  const files = {
    'images/n.jpg': await anImage({ tone: 77 }),
    'annotations/n.xml': aVocFile([{ name: 'Axolotl', corners: [1, 1, 9, 9] }]),
  }
  const first = await service.importArchive(anArchive(files), { projectId, unknownLabels: 'ADD' }, owner)
  expect(first.version.labels).toMatchObject([{ label: 'Axolotl' }])
  await service.database.transaction(async (manager) => {
    const [{ serial }] = await manager.query<[{ serial: number }]>(
      'select max(serial)::integer as serial from entries',
    )
    expect(await respell(manager, [serial], new Map())).toEqual([serial])
    const [spelled] = await respell(manager, [serial], new Map([['Axolotl', 'axolotl']]))
    const [before, after] = await readEntries(manager, [serial, spelled!])
    expect(after!.id).toBe(before!.id)
    expect(after!.annotations).toEqual(before!.annotations.map((one) => ({ ...one, label: 'axolotl' })))
  })
})

test('an import that a dying process left unfinished is done when the service starts again', async () => {
  const { projectId, owner } = await service.aProject()
  const { version, id } = await service.importArchive(
    await anArchiveOf(3, { tone: 40 }),
    { projectId },
    owner,
  )
  // as a process leaves it that stored everything and died before the version
  await service.database.query(
    `update imports set state = 'RUNNING', version_id = null, finished_at = null where id = $1`,
    [id],
  )
  const before = await countEntries()
  const restarted = new Imports(service, service.imports.settings)
  await restarted.start()
  await restarted.idle()
  const { data } = await service.ask(
    `query ($id: ID!) { import(id: $id) { state version { number root } } }`,
    { id },
    owner,
  )
  expect(data.import).toEqual({ state: 'SUCCEEDED', version: { number: 2, root: version.root } })
  expect(await countEntries()).toBe(before)
})

test('every change of an import is said on the bus', async () => {
  const { projectId, owner } = await service.aProject()
  const { id } = await service.importArchive(await anArchiveOf(1), { projectId }, owner)
  const rows: { data: { state: string } }[] = await service.database.query(
    'select data from outbox where entity_id = $1 order by position',
    [id],
  )
  expect(rows.map(({ data }) => data.state)).toEqual(['QUEUED', 'RUNNING', 'SUCCEEDED'])
})

test('an import goes on behind the last batch that it stored: what it has done is not done again', async () => {
  const { projectId, owner } = await service.aProject()
  const plain = await anImage()
  const imageOf = (index: number) => {
    const text = Buffer.from(`image ${index}`)
    return Buffer.concat([
      plain.subarray(0, 2),
      Buffer.from([0xff, 0xfe, 0, text.length + 2]),
      text,
      plain.subarray(2),
    ])
  }
  const count = 5_000
  const files = Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`${index}.jpg`, imageOf(index)]),
  )
  const uploadId = await service.upload(anArchive(files), owner.userId)
  const { data } = await service.ask(importMutation, { input: { projectId, name: 'cells', uploadId } }, owner)
  const { id } = data.importDataset.import
  const stored = async () => {
    const [row]: { stored: number }[] = await service.database.query(
      'select coalesce(sum(cardinality(serials)), 0)::integer as stored from import_batches where import_id = $1',
      [id],
    )
    return row!.stored
  }
  await waitUntil('a batch to be stored', async () => (await stored()) > 0, { everyMs: 5 })
  await service.imports.stop()
  expect(await stored()).toBeLessThan(count)
  const first = sha256(imageOf(0))
  await rm(join(service.place.home, 'blobs', first.slice(0, 2), first))

  const restarted = new Imports(service, service.imports.settings)
  await restarted.start()
  await restarted.idle()

  const query = `query ($id: ID!) { import(id: $id) { state version { assetCount } report { assetCount duplicateCount } } }`
  expect((await service.ask(query, { id }, owner)).data.import).toEqual({
    state: 'SUCCEEDED',
    version: { assetCount: count },
    report: { assetCount: count, duplicateCount: 0 },
  })
  expect(await service.blobs.has(first)).toBe(false) // it was not read again
})

const importMutation = `mutation ($input: ImportDatasetInput!) { importDataset(input: $input) { import { id } } }`

async function datasetsOf(projectId: string, owner: UserCaller): Promise<string[]> {
  const { data } = await service.ask(
    `query ($id: ID!) { project(id: $id) { datasets { edges { node { name } } } } }`,
    { id: projectId },
    owner,
  )
  return data.project.datasets.edges.map(({ node }: { node: { name: string } }) => node.name)
}

async function countEntries(): Promise<number> {
  const [row]: { count: string }[] = await service.database.query('select count(*) from entries')
  return Number(row?.count)
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** Noise does not compress: cut in half, half of it is missing. */
function noisyImage(): Promise<Buffer> {
  const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const
  return sharp({ create: { width: 200, height: 200, channels: 3, background: 'red', noise } })
    .jpeg()
    .toBuffer()
}

/** A PNG header that claims 60,000 x 60,000 pixels, and no pixels. */
function hugePng(): Buffer {
  const header = Buffer.alloc(25)
  header.writeUInt32BE(13, 0)
  header.write('IHDR', 4)
  header.writeUInt32BE(60_000, 8)
  header.writeUInt32BE(60_000, 12)
  header.set([8, 2, 0, 0, 0], 16)
  header.writeUInt32BE(crc32(header.subarray(4, 21)), 21)
  const data = Buffer.from('0000000049444154', 'hex')
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), header, data, Buffer.from('35af061e', 'hex')])
}
