import { setTimeout as delay } from 'node:timers/promises'
import type { RunningServer } from '../embedded/postgres.ts'
import type { ProcessState, RunningProcess } from './run-file.ts'

export interface KeptServerOptions {
  readonly name: 'postgres' | 'nats'
  /** Starts it on the port that it had before, or adopts it. */
  readonly start: () => Promise<RunningServer>
  readonly onWord: (words: string) => void
  readonly onChange: () => void
}

/** PostgreSQL or NATS: it may be older than the supervisor (adopted), so it is watched by its pid, not as a child. */
export class KeptServer {
  state: ProcessState = 'starting'
  restarts = 0
  private startedAt = Date.now()
  private server: RunningServer | undefined
  private wanted = true
  private watching: Promise<void> | undefined

  constructor(private readonly options: KeptServerOptions) {}

  get name(): string {
    return this.options.name
  }

  get pid(): number | undefined {
    return this.server?.pid
  }

  /** @returns the URL for clients, which stays the same when it has to be started again */
  async start(): Promise<string> {
    this.server = await this.options.start()
    this.startedAt = Date.now()
    this.become('ready')
    if (this.server.adopted)
      this.options.onWord(`${this.name} was running already (pid ${this.server.pid}): adopted`)
    this.watching = this.watch()
    return this.server.url
  }

  async stop(): Promise<void> {
    this.wanted = false
    await this.watching
    await this.server?.stop()
    this.become('stopped')
  }

  describe(): RunningProcess {
    const { name, state, pid, startedAt, restarts } = this
    return {
      name,
      state,
      pid,
      port: this.server?.port ?? 0,
      startedAt,
      restarts,
      marks: [...(this.server?.marks ?? [])],
    }
  }

  private async watch(): Promise<void> {
    while (this.wanted) {
      await delay(200)
      if (this.wanted && this.server && !this.server.isAlive()) await this.startAgain()
    }
  }

  private async startAgain(): Promise<void> {
    this.restarts++
    this.become('restarting')
    this.options.onWord(`${this.name} ended by itself: starting it again`)
    try {
      this.server = await this.options.start()
      this.startedAt = Date.now()
      this.become('ready')
    } catch (error) {
      this.options.onWord(`${this.name}: ${(error as Error).message}`) // start rejects with Errors; tried again below
      await delay(this.wanted ? 2_000 : 0)
    }
  }

  private become(state: ProcessState): void {
    if (this.state === state) return
    this.state = state
    this.options.onChange()
  }
}
