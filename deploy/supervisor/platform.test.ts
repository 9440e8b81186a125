import { spawn, type ChildProcess } from 'node:child_process'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { waitUntil } from '@ymir/service'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { readIfThere, root } from '../home.ts'
import { commandLineOf } from '../processes.ts'
import { supervisorOf } from './claim.ts'
import { endLeftovers } from './leftovers.ts'
import { Platform, startPlatform } from './platform.ts'
import { readRunFile, type RunFile } from './run-file.ts'
import type { ServiceDescription } from './services.ts'

/** The smallest program that keeps the contract: health, and an end on SIGTERM that it writes down. */
const program = `
import { appendFileSync } from 'node:fs'
import { createServer } from 'node:http'
const { YMIR_PORT, YMIR_HOST, YMIR_SERVICE, YMIR_HOME } = process.env
createServer((request, response) => {
  if (request.url === '/environment') return response.end(JSON.stringify(process.env))
  response.setHeader('content-type', 'application/json').end('{"status":"ok"}')
}).listen(Number(YMIR_PORT), YMIR_HOST, () => console.log('listening'))
process.on('SIGTERM', () => {
  appendFileSync(YMIR_HOME + '/ends', YMIR_SERVICE + '\\n')
  process.exit(0)
})
`

let folder: string
let home: string
let services: ServiceDescription[]
const cleanups: (() => Promise<unknown>)[] = []

function aHome(): void {
  folder = mkdtempSync(join(tmpdir(), 'ymir-platform-test-'))
  home = mkdtempSync(join(tmpdir(), 'ymir-platform-test-home-'))
  services = ['dataset', 'model', 'gateway'].map((name) => aService(name, program))
}

async function cleanUp(): Promise<void> {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
  await endLeftovers(home)
  for (const made of [folder, home]) rmSync(made, { recursive: true, force: true })
}

function aService(name: string, code: string): ServiceDescription {
  const entry = join(folder, `${name}.mjs`)
  writeFileSync(entry, code)
  return { name, entry }
}

async function aPlatform(options: { gatewayPort?: number } = {}): Promise<Platform> {
  const platform = await startPlatform({ home, services, durable: false, quiet: true, ...options })
  cleanups.push(() => platform.stop())
  return platform
}

const portOf = (name: string) => readRunFile(home)?.processes.find((one) => one.name === name)?.port

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

describe('a running platform', () => {
  let platform: Platform
  beforeAll(async () => {
    aHome()
    platform = await aPlatform()
  })
  afterAll(cleanUp)

  it('tells every program what the contract promises, and the gateway where the services are', async () => {
    const environmentOf = async (name: string) =>
      (await (await fetch(`http://127.0.0.1:${portOf(name)}/environment`)).json()) as Record<string, string> // our program's answer
    const model = await environmentOf('model')
    expect(model).toMatchObject({
      YMIR_SERVICE: 'model',
      YMIR_HOST: '127.0.0.1',
      YMIR_PORT: String(portOf('model')),
      YMIR_GATEWAY_URL: `http://127.0.0.1:${portOf('gateway')}`,
      YMIR_HOME: home,
      YMIR_BLOBS: join(home, 'blobs'),
    })
    expect(model.YMIR_DATABASE_URL).toMatch(/^postgres:\/\/ymir:[0-9a-f]{64}@127\.0\.0\.1:\d+\/ymir$/)
    expect(model.YMIR_NATS_URL).toMatch(/^nats:\/\/ymir:[0-9a-f]{64}@127\.0\.0\.1:\d+$/)
    expect(model.YMIR_SECRET).toMatch(/^[0-9a-f]{64}$/)
    expect(model.YMIR_DATASET_URL).toBeUndefined()
    expect((await environmentOf('gateway')).YMIR_DATASET_URL).toBe(`http://127.0.0.1:${portOf('dataset')}`)
  })

  it('keeps its secrets from other users', async () => {
    for (const name of ['platform', 'postgres', 'nats']) {
      expect(statSync(join(home, 'secrets', name)).mode & 0o777).toBe(0o600)
    }
    expect(statSync(join(home, 'secrets')).mode & 0o777).toBe(0o700)
    expect(statSync(home).mode & 0o007).toBe(0)
  })

  it('starts a crashed service again on the same port, and says so', async () => {
    const [pid, port] = [platform.pids.model, portOf('model')]
    await platform.kill('model')
    await platform.whenReady()
    expect(platform.pids.model).not.toBe(pid)
    expect(portOf('model')).toBe(port)
    expect(readFileSync(join(home, 'logs', 'ymir.log'), 'utf8')).toContain('model ended by itself (SIGKILL)')
  })

  it('brings PostgreSQL and NATS back on the same addresses after kill -9, with their data', async () => {
    await query(platform.databaseUrl, 'create table kept as select 7 as number')
    const before = platform.pids
    await platform.kill('nats')
    await platform.kill('postgres')
    await platform.whenReady()
    expect(platform.pids.nats).not.toBe(before.nats)
    expect(platform.pids.postgres).not.toBe(before.postgres)
    expect(await query(platform.databaseUrl, 'select number from kept')).toEqual([{ number: 7 }])
  })

  it('refuses a second supervisor on the same home', async () => {
    await expect(startPlatform({ home, services })).rejects.toThrow(/is running already/)
  })
})

describe('a platform', () => {
  beforeEach(aHome)
  afterEach(cleanUp)

  it('waits longer before each new start of a service that keeps crashing', async () => {
    services.push(aService('mining', 'process.exit(3)'))
    const platform = await Platform.launch({ home, services, durable: false, quiet: true })
    cleanups.push(() => platform.stop())
    const said = () => readFileSync(join(home, 'logs', 'ymir.log'), 'utf8')
    await waitUntil('three restarts', () => said().match(/mining ended by itself \(code 3\)/g)?.length === 3)
    expect([...said().matchAll(/again in ([\d.]+) s/g)].map(([, pause]) => Number(pause))).toEqual([
      0.25, 0.5, 1,
    ])
    await expect(platform.whenReady({ timeoutMs: 200 })).rejects.toThrow(/mining is (starting|restarting)/)
    await platform.whenReady({ names: ['model'] })
  })

  it('takes the next port when the wanted one is taken, and notes it', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await waitUntil('the other program to listen', () => other.listening)
    cleanups.push(() => new Promise((resolve) => other.close(resolve)))
    const address = other.address()
    const taken = typeof address === 'object' && address ? address.port : 0
    const platform = await aPlatform({ gatewayPort: taken })
    expect(platform.gatewayUrl).not.toBe(`http://127.0.0.1:${taken}`)
    expect((await fetch(`${platform.gatewayUrl}/health`)).status).toBe(200)
    expect(readRunFile(home)?.notes).toEqual([
      `port ${taken} is taken: the gateway listens on ${new URL(platform.gatewayUrl).port}`,
    ])
  })

  it('ends the gateway first and leaves nothing running', async () => {
    const platform = await aPlatform()
    const { pids } = platform
    await platform.stop()
    const ends = readFileSync(join(home, 'ends'), 'utf8').trim().split('\n')
    expect(ends[0]).toBe('gateway')
    expect(ends.toSorted()).toEqual(['dataset', 'gateway', 'model'])
    expect(Object.values(pids).filter((pid) => pid !== undefined && commandLineOf(pid))).toEqual([])
    expect(readRunFile(home)).toBeUndefined()
  })
})

// Each starts the whole platform twice: on a busy machine that takes a while.
describe('the supervisor process', { timeout: 90_000 }, () => {
  beforeEach(aHome)
  afterEach(cleanUp)

  function startSupervisor(): ChildProcess {
    const list = join(folder, 'services.json')
    writeFileSync(list, JSON.stringify(services))
    const main = join(root, 'deploy', 'supervisor', 'main.ts')
    const loader = join(root, 'node_modules', 'tsx', 'dist', 'loader.mjs')
    const words = [`--ymir-home=${home}`, '--port=0', `--services=${list}`]
    const supervisor = spawn(process.execPath, ['--import', loader, main, ...words], { cwd: root })
    supervisor.stderr.on('data', (bytes: Buffer) => appendFileSync(join(folder, 'said'), bytes))
    cleanups.push(async () => void supervisor.kill('SIGKILL'))
    return supervisor
  }

  async function whenReady(supervisor: ChildProcess): Promise<RunFile> {
    return waitUntil(
      'the platform to be ready',
      () => {
        if (supervisor.exitCode !== null) throw new Error(readIfThere(join(folder, 'said')))
        const run = readRunFile(home)
        const isReady = run?.processes.length === 5 && run.processes.every(({ state }) => state === 'ready')
        return run?.supervisor.pid === supervisor.pid && isReady && run
      },
      { timeoutMs: 40_000 },
    )
  }

  const pidIn = (run: RunFile, name: string) => run.processes.find((one) => one.name === name)?.pid

  it('recovers after kill -9 of everything', async () => {
    const first = startSupervisor()
    const before = await whenReady(first)
    for (const pid of [first.pid, ...before.processes.map((one) => one.pid)])
      if (pid) process.kill(pid, 'SIGKILL')
    await waitUntil('the supervisor to be gone', () => supervisorOf(home) === undefined)

    const second = startSupervisor()
    const after = await whenReady(second)
    expect(after.processes.map(({ name }) => name)).toEqual(before.processes.map(({ name }) => name))
    second.kill('SIGTERM')
    await waitUntil('an orderly end', () => second.exitCode === 0, { timeoutMs: 15_000 })
  })

  it('killed alone, leaves PostgreSQL and NATS to the next one and its services are replaced', async () => {
    const first = startSupervisor()
    const before = await whenReady(first)
    first.kill('SIGKILL')
    await waitUntil('the supervisor to be gone', () => supervisorOf(home) === undefined)

    const second = startSupervisor()
    const after = await whenReady(second)
    for (const name of ['postgres', 'nats']) expect(pidIn(after, name)).toBe(pidIn(before, name))
    for (const name of ['dataset', 'model', 'gateway']) {
      expect(pidIn(after, name)).not.toBe(pidIn(before, name))
      expect(commandLineOf(pidIn(before, name) ?? 0)).toBeUndefined()
    }
    second.kill('SIGTERM')
    await waitUntil('an orderly end', () => second.exitCode === 0, { timeoutMs: 15_000 })
    expect(commandLineOf(pidIn(after, 'postgres') ?? 0)).toBeUndefined()
  })
})
