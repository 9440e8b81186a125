import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { anArchive, anImage, aVocFile, startTestService, type TestService } from '@ymir/dataset/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'

const count = 1_500
const kills = 20
const program = fileURLToPath(new URL('../services/dataset/src/testing/import-process.ts', import.meta.url))
let service: TestService

beforeAll(async () => {
  service = await startTestService()
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
 * @param killAfterMs once it has begun
 * @returns whether it came to its end
 */
async function goOn(killAfterMs?: number): Promise<boolean> {
  const { url, schema, natsUrl, home } = service.place
  const child = spawn(process.execPath, ['--import', 'tsx', program, url, schema, natsUrl, home], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exit = once(child, 'exit')
  await once(child.stdout, 'data')
  const timer = killAfterMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfterMs)
  const [code] = (await exit) as [number | null] // of a process
  clearTimeout(timer)
  return code === 0
}

async function ask<Row>(query: string, parameters: unknown[] = []): Promise<Row> {
  const [row] = (await service.database.query(query, parameters)) as [Row] // the query's columns
  return row
}

test(`an import killed at ${kills} random moments goes on where it was and ends as if nothing had happened`, async () => {
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
  let furthest = 0
  for (let kill = 0; kill < kills; kill++) {
    const ended = await goOn(Math.random() * 1_500)
    const { batches } = await ask<{ batches: number }>(
      'select count(*)::integer as batches from import_batches where import_id = $1',
      [id],
    )
    if (!ended) expect(batches).toBeGreaterThanOrEqual(furthest)
    furthest = batches
    // it was quicker than the kill: once more from the beginning, over what is there
    if (ended) await service.database.query(`update imports set state = 'QUEUED' where id = $1`, [id])
  }
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
