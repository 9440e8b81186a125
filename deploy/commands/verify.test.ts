import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openBlobs } from '@ymir/blobs'
import pg from 'pg'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { startPostgres } from '../embedded/postgres.ts'
import { doctor } from './doctor.ts'

let home: string
const said: string[] = []

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'ymir-verify-'))
  vi.stubEnv('YMIR_HOME', home)
  vi.stubEnv('YMIR_BLOBS', undefined)
  vi.stubEnv('YMIR_DATABASE_URL', undefined)
  said.length = 0
  vi.spyOn(console, 'log').mockImplementation((line: string) => void said.push(line))
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
  rmSync(home, { recursive: true, force: true })
})

test('a store whose bytes are all what their hashes say is found good', async () => {
  await (await openBlobs(join(home, 'blobs'))).put(Buffer.from('sound'))

  expect(await doctor(['--verify'])).toBe(0)
  expect(said.at(-1)).toBe('1 blobs (5 B) read, 0 damaged, 0 missing')
})

test('damaged bytes, and images that a dataset refers to and that are gone, are named with a way out', async () => {
  const { sha256 } = await (await openBlobs(join(home, 'blobs'))).put(Buffer.from('sound'))
  writeFileSync(join(home, 'blobs', sha256.slice(0, 2), sha256), 'sOund')
  const gone = createHash('sha256').update('gone').digest('hex')
  const collected = createHash('sha256').update('collected').digest('hex')
  const postgres = await startPostgres({ home, durable: false })
  const client = new pg.Client({ connectionString: postgres.url })
  await client.connect()
  await client.query(`
    create schema dataset;
    create table dataset.assets (id bytea, collected_at timestamptz);
    create table dataset.dataset_versions (manifest_sha256 text);
    insert into dataset.assets values ('\\x${gone}', null), ('\\x${collected}', now())`)
  await client.end()
  await postgres.stop()

  expect(await doctor(['--verify'])).toBe(1)
  const text = said.join('\n')
  expect(text).toContain(`damaged ${sha256}`)
  expect(text).toContain(`missing ${gone}`)
  expect(text).not.toContain(collected)
  expect(text).toContain('1 damaged, 1 missing')
  expect(text).toContain('import the same image again')
})

test('an unknown option is refused', async () => {
  await expect(doctor(['--verifi'])).rejects.toThrow('doctor [--verify]')
})
