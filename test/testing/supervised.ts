import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { endLeftovers, freePort } from '@ymir/deploy'
import { waitUntil } from '@ymir/service'
import { z } from 'zod'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')

/** What the test needs of YMIR_HOME/run.json. */
const RunFile = z.object({
  supervisor: z.object({ pid: z.number() }),
  gatewayUrl: z.string(),
  processes: z.array(
    z.object({ name: z.string(), state: z.string(), pid: z.number().optional(), port: z.number() }),
  ),
})

/** The platform as an operator has it: `bash ymir.sh start`, with a supervisor that can be killed as well. */
export class SupervisedPlatform {
  readonly home = mkdtempSync(join(tmpdir(), 'ymir-end-to-end-'))
  private port = 0

  constructor(private readonly environment: Readonly<Record<string, string>> = {}) {}

  /** Returns when all is ready; the gateway is where it was the last time. */
  async start(): Promise<void> {
    if (this.port) return this.startAt(this.port)
    const port = await freePort()
    // another platform on this machine may take it before this one does
    await this.startAt(port).catch(async (error: unknown) => {
      if (!String(error).includes('EADDRINUSE')) throw error
      await this.startAt(await freePort())
    })
  }

  private async startAt(port: number): Promise<void> {
    await this.ymir('start', '--port', String(port))
    this.port = port
  }

  async stop(): Promise<void> {
    await this.ymir('stop')
    await endLeftovers(this.home)
    rmSync(this.home, { recursive: true, force: true })
  }

  get gatewayUrl(): string {
    return this.run.gatewayUrl
  }

  get databaseUrl(): string {
    return `postgres://${this.loginOf('postgres')}/ymir`
  }

  get natsUrl(): string {
    return `nats://${this.loginOf('nats')}`
  }

  /** kill -9 of one process, which the supervisor starts again. Returns when it is ready again. */
  async kill(name: string): Promise<void> {
    const pid = this.pidOf(name)
    process.kill(pid, 'SIGKILL')
    await this.whenBack(name, pid)
  }

  /** kill -9 of nats-server, whose files are lost as well. */
  async loseNats(): Promise<void> {
    const [pid, supervisor] = [this.pidOf('nats'), this.run.supervisor.pid]
    process.kill(supervisor, 'SIGSTOP') // or it starts nats-server again before the files are gone
    process.kill(pid, 'SIGKILL')
    await waitUntil('nats-server to be gone', () => !isThere(pid))
    rmSync(join(this.home, 'nats', 'jetstream'), { recursive: true })
    process.kill(supervisor, 'SIGCONT')
    await this.whenBack('nats', pid)
  }

  private async whenBack(name: string, pid: number): Promise<void> {
    await waitUntil(
      `${name} to be back`,
      () => {
        const { state, pid: now } = this.process(name)
        return state === 'ready' && now !== pid
      },
      { timeoutMs: 60_000 },
    )
  }

  /** kill -9 of everything: the supervisor, the services, nats-server, PostgreSQL. Jobs are left alone. */
  async killEverything(): Promise<void> {
    const { supervisor, processes } = this.run
    const pids = [supervisor.pid, ...processes.flatMap(({ pid }) => pid ?? [])]
    for (const pid of pids) process.kill(pid, 'SIGKILL')
    await waitUntil('all to be gone', () => !pids.some(isThere))
  }

  private loginOf(name: 'postgres' | 'nats'): string {
    const password = readFileSync(join(this.home, 'secrets', name), 'utf8').trim()
    return `ymir:${password}@127.0.0.1:${this.process(name).port}`
  }

  private pidOf(name: string): number {
    const { pid } = this.process(name)
    if (pid === undefined) throw new Error(`${name} does not run`)
    return pid
  }

  private get run(): z.infer<typeof RunFile> {
    return RunFile.parse(JSON.parse(readFileSync(join(this.home, 'run.json'), 'utf8')))
  }

  private process(name: string) {
    const found = this.run.processes.find((one) => one.name === name)
    if (!found) throw new Error(`there is no process ${name} in run.json`)
    return found
  }

  private async ymir(...words: string[]): Promise<void> {
    const env = { ...process.env, ...this.environment, YMIR_HOME: this.home }
    await promisify(execFile)('bash', [join(root, 'ymir.sh'), ...words], { env })
  }
}

/** A process that nobody collected yet is gone, too. */
function isThere(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
