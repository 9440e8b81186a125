import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { waitUntil } from '@ymir/service'
import type { TestEngine } from './podman.ts'

/** A container registry for tests. */
export interface TestRegistry {
  /** As references name it, e.g. 127.0.0.1:40123. */
  readonly address: string
  /** How fast it gives what is pulled; unlimited at first. */
  bytesPerSecond: number
  /** Bytes that it has given so far. */
  readonly given: number
  /** Connections to it that are open now. */
  connections(): number
  /** Moves an image of the engine here: the engine has it under no name of this registry afterwards. */
  take(engine: TestEngine, image: string, path: string): Promise<void>
  stop(): Promise<void>
}

/** Who may use a registry that asks for credentials. */
export const registryUser = { username: 'ada', password: 'open sesame' }
/** bcrypt of that password. */
const passwordFile = 'ada:$2b$05$89glt2XzzK2B.Jv09nhHa.18q0cJkczW5scuZLyPkUApYcjigsDWW\n'

/** Why there can be no registry on this machine; undefined where there can. */
export function whyNoRegistry(): string | undefined {
  if (!spawnSync('docker-registry', ['--version']).error) return undefined
  return 'docker-registry is not installed (apt-get install docker-registry)'
}

/** The distribution's own registry program on this machine, over plain HTTP. */
export async function startRegistry({
  asksForCredentials = false,
}: { asksForCredentials?: boolean } = {}): Promise<TestRegistry> {
  const home = await mkdtemp(join(tmpdir(), 'ymir-registry-'))
  const port = await freePort()
  await writeFile(join(home, 'passwords'), passwordFile)
  const configuration = {
    version: 0.1,
    log: { level: 'error' },
    storage: { filesystem: { rootdirectory: join(home, 'storage') } },
    http: { addr: `127.0.0.1:${port}` },
    ...(asksForCredentials && { auth: { htpasswd: { realm: 'tests', path: join(home, 'passwords') } } }),
  }
  // JSON is YAML
  await writeFile(join(home, 'config.yml'), JSON.stringify(configuration))
  const program = spawn('docker-registry', ['serve', join(home, 'config.yml')], { stdio: 'ignore' })
  const registry: TestRegistry = {
    get address() {
      return `127.0.0.1:${slowed.port}`
    },
    bytesPerSecond: Infinity,
    get given() {
      return slowed.given()
    },
    connections: () => slowed.connections(),
    take: async ({ engine }, image, path) => {
      const [repo = '', tag = 'latest'] = path.split(':')
      await engine.getImage(image).tag({ repo: `${registry.address}/${repo}`, tag })
      const here = engine.getImage(`${registry.address}/${repo}:${tag}`)
      const authconfig = { ...registryUser, serveraddress: registry.address }
      let answer = ''
      for await (const chunk of await here.push({ authconfig })) answer += String(chunk)
      if (answer.includes('"error"')) throw new Error(`the image was not pushed: ${answer}`)
      await here.remove()
    },
    stop: async () => {
      slowed.server.close()
      slowed.cut()
      const ended = once(program, 'exit')
      if (program.exitCode === null && program.kill()) await ended
      await rm(home, { recursive: true, force: true })
    },
  }
  const slowed = await serveSlowly(port, () => registry.bytesPerSecond)
  await waitUntil('the registry to answer', async () => (await fetch(`http://127.0.0.1:${port}/v2/`)).status)
  return registry
}

/** Stands before a server of this machine and lets its answers through at a speed. */
async function serveSlowly(to: number, bytesPerSecond: () => number) {
  const open = new Set<{ destroy(): void }>()
  let given = 0
  const server = createServer((client) => {
    const upstream = connect(to, '127.0.0.1')
    open.add(client)
    client.on('close', () => open.delete(client) && upstream.destroy())
    void pipeline(client, upstream).catch(() => client.destroy())
    void pipeline(
      upstream,
      async function* (answers: AsyncIterable<Buffer>) {
        for await (const bytes of answers) {
          yield bytes
          given += bytes.length
          const pauseMs = (1000 * bytes.length) / bytesPerSecond()
          if (pauseMs >= 1) await delay(pauseMs)
        }
      },
      client,
    ).catch(() => client.destroy())
  })
  const port = await listening(server)
  return {
    server,
    port,
    given: () => given,
    connections: () => open.size,
    cut: () => {
      for (const client of open) client.destroy()
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  const port = await listening(server)
  server.close()
  await once(server, 'close')
  return port
}

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address === 'object' && address) return address.port
  throw new Error('a TCP server has a port')
}
