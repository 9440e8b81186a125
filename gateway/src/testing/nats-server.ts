import { spawn, type ChildProcess } from 'node:child_process'
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { waitUntil } from '@ymir/service'

export interface OwnNats {
  readonly url: string
  start(): Promise<void>
  /** As the power cord does. */
  kill(): Promise<void>
  /** What it kept is gone: the streams with all events. Only while it is killed. */
  loseFiles(): void
  stop(): Promise<void>
}

/** A nats-server of a test's own, to kill. */
export async function anOwnNats(): Promise<OwnNats> {
  const folder = mkdtempSync(join(tmpdir(), 'ymir-gateway-nats-'))
  const files = join(folder, 'files')
  const port = await freePort()
  let running: ChildProcess | undefined
  const kill = async () => {
    const child = running
    running = undefined
    if (!child || child.exitCode !== null) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await ended
  }
  const nats: OwnNats = {
    url: `nats://127.0.0.1:${port}`,
    start: async () => {
      running = spawn(program(), ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', files], {
        stdio: 'ignore',
      })
      await waitUntil('nats-server to answer', () => answers(port))
    },
    kill,
    loseFiles: () => rmSync(files, { recursive: true, force: true }),
    stop: async () => {
      await kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
  await nats.start()
  return nats
}

/** The tests' set-up has found or fetched one before any test runs. */
function program(): string {
  const cache = fileURLToPath(new URL('../../../node_modules/.cache/ymir', import.meta.url))
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', cache]
  const candidates = [process.env.YMIR_NATS_SERVER ?? '', ...folders.map((one) => join(one, 'nats-server'))]
  const found = candidates.filter(Boolean).find(isProgram)
  if (!found) throw new Error('no nats-server: have it on PATH, or name it in YMIR_NATS_SERVER')
  return found
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('data', () => resolve(true) ?? socket.destroy())
    socket.once('error', () => resolve(false))
  })
}

export async function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
