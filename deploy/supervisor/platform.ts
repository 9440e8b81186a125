import { join } from 'node:path'
import { waitUntil } from '@ymir/service'
import { startNats } from '../embedded/nats.ts'
import { startPostgres } from '../embedded/postgres.ts'
import { prepareHome, secret } from '../home.ts'
import { Child } from './child.ts'
import { claimHome, releaseHome } from './claim.ts'
import { KeptServer } from './kept-server.ts'
import { endLeftServices } from './leftovers.ts'
import { Logs } from './logs.ts'
import { choosePorts } from './ports.ts'
import { removeRunFile, writeRunFile } from './run-file.ts'
import { fromSource, packPrograms, type Program } from './programs.ts'
import { environmentOf, platformServices, type ServiceDescription } from './services.ts'

export interface PlatformOptions {
  /** YMIR_HOME: everything that the platform keeps. */
  readonly home: string
  /** Default: all of them. */
  readonly services?: readonly ServiceDescription[]
  /** Default 0: any free one. When it is taken, the next free one is used, and a note says so. */
  readonly gatewayPort?: number
  readonly gatewayHost?: string
  /** Folder of the built dashboard, which the gateway serves; default: no pages. */
  readonly pages?: string
  /** Added to the environment of every service. */
  readonly environment?: NodeJS.ProcessEnv
  /** False for tests: PostgreSQL does not force its files to disk. */
  readonly durable?: boolean
  /** Run the services from their sources instead of packing them first; for their development. */
  readonly fromSource?: boolean
  /** Without log lines on the terminal; they are in YMIR_HOME/logs all the same. */
  readonly quiet?: boolean
}

/**
 * Starts PostgreSQL, NATS and all services as children of this process and returns when all are ready. What a killed
 * supervisor of this home left behind is adopted (PostgreSQL, NATS) or ended first (services).
 * @throws Error that names what does not get ready within two minutes; everything is stopped then
 * @throws UsageError when another supervisor runs on this home
 */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const platform = await Platform.launch(options)
  try {
    await platform.whenReady({ timeoutMs: 120_000 })
    return platform
  } catch (error) {
    await platform.stop()
    throw error
  }
}

/** All processes of one YMIR_HOME, kept running until `stop`. */
export class Platform {
  private readonly startedAt = Date.now()
  private readonly postgres: KeptServer
  private readonly nats: KeptServer
  private readonly children: Child[] = []
  private stopping: Promise<void> | undefined
  databaseUrl = ''
  natsUrl = ''

  private constructor(
    readonly home: string,
    readonly gatewayUrl: string,
    private readonly notes: readonly string[],
    private readonly logs: Logs,
    durable: boolean,
  ) {
    const watched = { onWord: logs.say, onChange: () => this.record() }
    const startOf = {
      postgres: () => startPostgres({ home, durable }),
      nats: () => startNats({ home, say: logs.say }),
    }
    this.postgres = new KeptServer({ name: 'postgres', start: startOf.postgres, ...watched })
    this.nats = new KeptServer({ name: 'nats', start: startOf.nats, ...watched })
  }

  /** Starts all and returns when PostgreSQL and NATS are ready; the services are started until they get ready. */
  static async launch(options: PlatformOptions): Promise<Platform> {
    const { home, services = platformServices, gatewayPort = 0, gatewayHost = '127.0.0.1' } = options
    prepareHome(home)
    claimHome(home)
    try {
      await endLeftServices(home)
      const ports = await choosePorts(services, gatewayPort, gatewayHost)
      const notes = notesOn(ports.get('gateway'), gatewayPort)
      const logs = new Logs(home, !options.quiet)
      notes.forEach(logs.say)
      const gatewayUrl = `http://127.0.0.1:${ports.get('gateway')}`
      const platform = new Platform(home, gatewayUrl, notes, logs, options.durable ?? true)
      const [programs] = await Promise.all([programsOf(services, options, logs.say), platform.startServers()])
      const pages = options.pages ? { YMIR_PAGES: options.pages } : {}
      platform.startServices(programs, ports, gatewayHost, { ...pages, ...options.environment })
      return platform
    } catch (error) {
      releaseHome(home)
      throw error
    }
  }

  /** Process ids by name: the services, `gateway`, `postgres` and `nats`. */
  get pids(): Readonly<Record<string, number | undefined>> {
    return Object.fromEntries(this.all.map((one) => [one.name, one.pid]))
  }

  /** Ends a process as a crash would, and returns when it is gone; the platform starts it again by itself. */
  async kill(name: string, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const victim = this.find(name)
    const { pid } = victim
    if (pid === undefined || victim.state === 'restarting') return
    process.kill(pid, signal)
    await waitUntil(`${name} to be gone`, () => victim.pid !== pid || victim.state === 'restarting')
  }

  /**
   * Waits until all, or the named ones, are ready.
   * @throws Error that names those that are not
   */
  async whenReady({
    names,
    timeoutMs = 60_000,
  }: { names?: readonly string[]; timeoutMs?: number } = {}): Promise<void> {
    const awaited = names ? names.map((name) => this.find(name)) : this.all
    const late = () => awaited.filter((one) => one.state !== 'ready')
    try {
      await waitUntil('all to be ready', () => late().length === 0, { timeoutMs, everyMs: 50 })
    } catch {
      const states = late().map((one) => `${one.name} is ${one.state}`)
      throw new Error(`after ${timeoutMs / 1000} s ${states.join(', ')}; see ${join(this.home, 'logs')}`)
    }
  }

  /** Ends all in order: gateway, services, NATS, PostgreSQL. */
  stop(): Promise<void> {
    this.stopping ??= this.stopInOrder()
    return this.stopping
  }

  private async startServers(): Promise<void> {
    const [database, bus] = await Promise.allSettled([this.postgres.start(), this.nats.start()])
    if (database.status === 'fulfilled' && bus.status === 'fulfilled') {
      this.databaseUrl = database.value
      this.natsUrl = bus.value
      return
    }
    await this.stop()
    for (const outcome of [database, bus]) if (outcome.status === 'rejected') throw outcome.reason
  }

  private startServices(
    programs: ReadonlyMap<string, Program>,
    ports: ReadonlyMap<string, number>,
    gatewayHost: string,
    environment: NodeJS.ProcessEnv,
  ): void {
    const surroundings = {
      home: this.home,
      databaseUrl: this.databaseUrl,
      natsUrl: this.natsUrl,
      ports,
      gatewayHost,
      secret: secret(this.home, 'platform'),
    }
    for (const [name, program] of programs) {
      const child = new Child({
        name,
        program,
        port: ports.get(name) ?? 0,
        homeMark: `--ymir-home=${this.home}`,
        environment: { ...environmentOf(name, surroundings), ...environment },
        onLine: (line) => this.logs.write(name, line),
        onWord: this.logs.say,
        onChange: () => this.record(),
      })
      this.children.push(child)
      child.start()
    }
  }

  private async stopInOrder(): Promise<void> {
    this.logs.say('stopping')
    const isGateway = (child: Child) => child.name === 'gateway'
    await Promise.all(this.children.filter(isGateway).map((child) => child.stop()))
    await Promise.all(this.children.filter((child) => !isGateway(child)).map((child) => child.stop()))
    await this.nats.stop()
    await this.postgres.stop()
    this.logs.say('stopped')
    this.logs.close()
    removeRunFile(this.home)
    releaseHome(this.home)
  }

  private get all(): readonly (Child | KeptServer)[] {
    return [...this.children.toReversed(), this.nats, this.postgres]
  }

  private find(name: string): Child | KeptServer {
    const found = this.all.find((one) => one.name === name)
    if (found) return found
    throw new Error(`no process is called ${name}: there are ${this.all.map((one) => one.name).join(', ')}`)
  }

  private record(): void {
    const { gatewayUrl, notes, startedAt } = this
    const processes = this.all.map((one) => one.describe())
    writeRunFile(this.home, {
      supervisor: { pid: process.pid, startedAt },
      gatewayUrl,
      notes: [...notes],
      processes,
    })
  }
}

function notesOn(port: number | undefined, wanted: number): string[] {
  return !wanted || port === wanted ? [] : [`port ${wanted} is taken: the gateway listens on ${port}`]
}

function programsOf(
  services: readonly ServiceDescription[],
  options: PlatformOptions,
  say: (words: string) => void,
): Promise<Map<string, Program>> | Map<string, Program> {
  if (options.fromSource) return new Map(services.map((one) => [one.name, fromSource(one)]))
  return packPrograms(services, say)
}
