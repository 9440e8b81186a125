import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { root } from '../home.ts'
import type { Program } from './programs.ts'
import type { ProcessState, RunningProcess } from './run-file.ts'

export interface ChildOptions {
  readonly name: string
  readonly program: Program
  readonly port: number
  /** Marks the process as one of this home, on its command line. */
  readonly homeMark: string
  readonly environment: NodeJS.ProcessEnv
  /** A line of the program's output. */
  readonly onLine: (line: string) => void
  /** A word of the supervisor about it. */
  readonly onWord: (words: string) => void
  readonly onChange: () => void
}

const firstPauseMs = 250
const longestPauseMs = 10_000
/** One that ran this long starts again with the first pause. */
const soundMs = 30_000

/** One service as a child process: started, asked for its health, started again when it ends by itself. */
export class Child {
  state: ProcessState = 'stopped'
  startedAt = 0
  restarts = 0
  private process: ChildProcess | undefined
  private failuresInARow = 0
  private wanted = false

  constructor(private readonly options: ChildOptions) {}

  get name(): string {
    return this.options.name
  }

  get pid(): number | undefined {
    return this.process?.pid
  }

  /** Ended by itself again and again since it was last sound. */
  get failures(): number {
    return this.failuresInARow
  }

  start(): void {
    this.wanted = true
    this.launch()
  }

  /** SIGTERM, and SIGKILL for one that has not ended after 6 seconds (the contract allows 5). */
  async stop(patienceMs = 6_000): Promise<void> {
    this.wanted = false
    const running = this.process
    if (running && !hasEnded(running)) {
      const end = new Promise((resolve) => running.once('exit', resolve))
      running.kill('SIGTERM')
      const impatience = setTimeout(() => {
        this.options.onWord(`${this.name} did not end within ${patienceMs / 1000} s: killed`)
        running.kill('SIGKILL')
      }, patienceMs)
      await end
      clearTimeout(impatience)
    }
    this.become('stopped')
  }

  describe(): RunningProcess {
    const { state, pid, startedAt, restarts, name } = this
    return { name, state, pid, port: this.options.port, startedAt, restarts, marks: this.marks }
  }

  private get marks(): string[] {
    return [`--ymir-service=${this.name}`, this.options.homeMark]
  }

  private launch(): void {
    const started = spawn(process.execPath, [...this.options.program, ...this.marks], {
      cwd: root,
      env: { ...process.env, TSX_TSCONFIG_PATH: join(root, 'tsconfig.json'), ...this.options.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true, // Ctrl-C in the terminal is for the supervisor, which stops all in order
    })
    this.process = started
    this.startedAt = Date.now()
    this.become('starting')
    for (const stream of [started.stdout, started.stderr]) {
      createInterface({ input: stream }).on('line', this.options.onLine)
    }
    started.once('error', (error) => this.options.onWord(`${this.name} cannot be started: ${error.message}`))
    started.once('exit', (code, signal) => void this.onExit(signal ?? `code ${code}`))
    void this.watchHealth(started)
  }

  private async onExit(how: string): Promise<void> {
    if (!this.wanted) return
    const ranMs = Date.now() - this.startedAt
    if (ranMs > soundMs) this.failuresInARow = 0
    const pauseMs = Math.min(firstPauseMs * 2 ** this.failuresInARow, longestPauseMs)
    this.failuresInARow++
    this.restarts++
    this.become('restarting')
    this.options.onWord(
      `${this.name} ended by itself (${how}) after ${(ranMs / 1000).toFixed(1)} s: starting it again in ${pauseMs / 1000} s`,
    )
    await delay(pauseMs)
    if (this.wanted) this.launch()
  }

  private async watchHealth(watched: ChildProcess): Promise<void> {
    while (this.wanted && this.process === watched && !hasEnded(watched)) {
      const isHealthy = await answersHealth(this.options.port)
      if (!this.wanted || this.process !== watched || hasEnded(watched)) return
      if (isHealthy) this.become('ready')
      else if (this.state === 'ready') this.become('silent')
      await delay(this.state === 'ready' ? 2_000 : 100, undefined, { ref: false })
    }
  }

  private become(state: ProcessState): void {
    if (this.state === state) return
    if (state === 'silent') this.options.onWord(`${this.name} does not answer`)
    if (state === 'ready' && this.state === 'silent') this.options.onWord(`${this.name} answers again`)
    this.state = state
    this.options.onChange()
  }
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess) => exitCode !== null || signalCode !== null

/** GET /health answers 200 within 2 seconds. */
export async function answersHealth(port: number): Promise<boolean> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/health`, { signal: AbortSignal.timeout(2_000) })
    await answer.body?.cancel()
    return answer.ok
  } catch {
    return false
  }
}
