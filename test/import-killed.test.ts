import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { anArchive, anImage, aVocFile, startTestService, type TestService } from '@ymir/dataset/testing'
import { packPrograms } from '@ymir/deploy'
import { afterAll, beforeAll, expect, test } from 'vitest'

const count = 1_500
const kills = 20
const batchImages = 16 // some 90 batches
const entry = fileURLToPath(new URL('../services/dataset/src/testing/import-process.ts', import.meta.url))
let program: readonly string[]
let service: TestService

beforeAll(async () => {
  service = await startTestService()
  // packed, for it starts many times; in a folder of its own, where packages are found
  const folder = fileURLToPath(new URL('../node_modules/.cache/ymir/import-process', import.meta.url))
  const packed = await packPrograms([{ name: 'import-process', entry }], () => undefined, folder)
  program = packed.get('import-process')!
})
afterAll(() => service.stop())

/** Images that differ in a comment. */
async function manyImages(): Promise<Buffer> {
  const plain = await anImage()
  const files: Record<string, Uint8Array | string> = {}
  for (let index = 0; index < count; index++) {
    const text = Buffer.from(`image ${index}`)
    const comment = Buffer.from([0xff, 0xfe, 0, text.length + 2])
    files[`images/${index}.jpg`] = Buffer.concat([plain.subarray(0, 2), comment, text, plain.subarray(2)])
    files[`annotations/${index}.xml`] = aVocFile([{ corners: [1, 1, 9 + (index % 9), 9] }])
  }
  files['images/bad.jpg'] = 'no image'
  return anArchive(files)
}

/**
 * Goes on with the unfinished imports in a process of its own.
 * @param killAtBatches once so many batches are stored
 * @returns whether it came to its end
 */
async function goOn(killAtBatches = Infinity): Promise<boolean> {
  const { url, schema, natsUrl, home } = service.place
  const child = spawn(process.execPath, [...program, url, schema, natsUrl, home, String(batchImages)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exit = once(child, 'exit')
  await once(child.stdout, 'data')
  while (child.exitCode === null && Number.isFinite(killAtBatches)) {
    if ((await storedBatches()) < killAtBatches) continue
    child.kill('SIGKILL')
    break
  }
  const [code] = (await exit) as [number | null] // of a process
  return code === 0
}

async function storedBatches(): Promise<number> {
  return (await ask<{ batches: number }>('select count(*)::integer as batches from import_batches')).batches
}

async function ask<Row>(query: string, parameters: unknown[] = []): Promise<Row> {
  const [row] = (await service.database.query(query, parameters)) as [Row] // the query's columns
  return row
}

test(`an import killed at ${kills} moments spread over it goes on where it was and ends as if nothing had happened`, async () => {
  const archive = await manyImages()
  const { projectId, owner } = await service.aProject()
  await service.imports.stop() // it is another process that imports
  const uploadId = await service.upload(archive, owner.userId)
  const input = { projectId, name: 'set', uploadId, badItems: 'SKIP' }
  const { data } = await service.ask(
    `mutation ($input: ImportDatasetInput!) { importDataset(input: $input) { import { id } } }`,
    { input },
    owner,
  )
  const { id } = data.importDataset.import
  let killCount = 0
  let wentOn = 0
  for (let round = 0; killCount < kills; round++) {
    const before = await storedBatches()
    const ended = await goOn(before + (round % 4))
    // it was quicker than the kill: once more from the beginning, over what is there
    if (ended) await service.database.query(`update imports set state = 'QUEUED' where id = $1`, [id])
    if (ended) continue
    killCount++
    if (before > 0) wentOn++
    expect(await storedBatches()).toBeGreaterThanOrEqual(before)
  }
  expect(wentOn).toBeGreaterThanOrEqual(kills / 2)
  expect(await goOn()).toBe(true)

  const killed = await service.ask(resultQuery, { id }, owner)
  const clean = await startTestService()
  const other = await clean.aProject()
  const expected = await clean.importArchive(
    archive,
    { projectId: other.projectId, badItems: 'SKIP' },
    other.owner,
  )
  await clean.stop()
  expect(killed.data.import).toMatchObject({
    state: 'SUCCEEDED',
    version: { root: expected.version.root, assetCount: count, annotationCount: count },
    report: { assetCount: count, problemCount: 1, skippedItemCount: 1, duplicateCount: 0 },
  })
  expect(await ask('select count(*)::integer as entries, max(serial)::integer as last from entries')).toEqual(
    {
      entries: count,
      last: count - 1,
    },
  )
  expect(await damagedBlobs()).toEqual([])
}, 600_000)

const resultQuery = `query ($id: ID!) { import(id: $id) {
  state version { root assetCount annotationCount }
  report { assetCount problemCount skippedItemCount duplicateCount }
} }`

/** Names of blobs whose bytes have another hash. */
async function damagedBlobs(): Promise<string[]> {
  const blobs = join(service.place.home, 'blobs')
  const files = await readdir(blobs, { recursive: true, withFileTypes: true })
  const stored = files.filter((file) => file.isFile() && /^[0-9a-f]{64}$/.test(file.name))
  expect(stored.length).toBeGreaterThanOrEqual(count)
  const damaged: string[] = []
  for (const { name, parentPath } of stored) {
    const sha256 = createHash('sha256')
      .update(await readFile(join(parentPath, name)))
      .digest('hex')
    if (sha256 !== name) damaged.push(name)
  }
  return damaged
}
