import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import pg from 'pg'
import { waitUntil } from '@ymir/service'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { readIfThere } from '../home.ts'
import { findPostgres, startPostgres } from './postgres.ts'

let folder: string
let home: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ymir-postgres-test-'))
  chmodSync(folder, 0o755)
  home = join(folder, 'home')
})

afterEach(async () => {
  await (await findPostgres(home))?.stop()
  const outside = readIfThere(join(home, 'postgres.location'))?.trim()
  for (const made of [folder, outside]) if (made) rmSync(made, { recursive: true, force: true })
})

const start = () => startPostgres({ home, durable: false })

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  return client
}

it('adopts a PostgreSQL that runs already', async () => {
  const first = await start()
  const second = await start()
  expect(second).toMatchObject({ pid: first.pid, url: first.url, adopted: true })
  await second.stop()
  expect(first.isAlive()).toBe(false)
})

it('lets nobody in without the password', async () => {
  const { url } = await start()
  const stranger = new URL(url)
  stranger.password = 'guess'
  await expect(connect(stranger.href)).rejects.toThrow(/password authentication failed/)
})

it('is not deceived by the process that has the dead server’s number now', async () => {
  const first = await start()
  process.kill(first.pid, 'SIGKILL')
  await waitUntil('the server to be gone', () => !first.isAlive())
  const file = join(home, 'postgres', 'data', 'postmaster.pid')
  writeFileSync(file, readFileSync(file, 'utf8').replace(String(first.pid), String(process.pid)))

  const second = await start()
  expect(second.adopted).toBe(false)
  expect(second.port).toBe(first.port)
  await (await connect(second.url)).end()
})

it('begins anew when the first initialisation was cut off', async () => {
  mkdirSync(join(home, 'postgres', 'data.new', 'base'), { recursive: true })
  writeFileSync(join(home, 'postgres', 'data.new', 'PG_VERSION'), '17\n')
  await (await connect((await start()).url)).end()
})

it.runIf(process.getuid?.() === 0)(
  'keeps its data in /var/lib/ymir below a folder that is closed to others, and says where',
  async () => {
    chmodSync(folder, 0o700)
    const { url } = await start()
    await (await connect(url)).end()
    const outside = readFileSync(join(home, 'postgres.location'), 'utf8').trim()
    expect(dirname(outside)).toBe('/var/lib/ymir')
    expect(existsSync(join(outside, 'data', 'PG_VERSION'))).toBe(true)
    expect(existsSync(join(home, 'postgres'))).toBe(false)
  },
)
