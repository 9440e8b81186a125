/** monitor.txt: how far the job is, for whoever watches. */
import { writeFileSync } from 'node:fs'
import { ExecutorFailure, failureCode } from './failure.ts'

const RUNNING = 2
const DONE = 3
const FAILED = 4

/** The file is rewritten no more often than this. */
const LEAST_INTERVAL_MILLISECONDS = 200

export class Monitor {
  private progress = 0
  private written = 0

  constructor(
    private readonly path: string,
    private readonly taskId: string,
  ) {}

  /** @param progress 0..1; never goes back */
  running(progress: number): void {
    this.progress = Math.max(this.progress, Math.min(progress, 1))
    if (Date.now() - this.written < LEAST_INTERVAL_MILLISECONDS) return
    this.write(RUNNING)
  }

  done(): void {
    this.progress = 1
    this.write(DONE)
  }

  /** The trace follows on further lines. */
  failed(failure: unknown): void {
    const code = failure instanceof ExecutorFailure ? failure.code : failureCode.OTHER
    const message = failure instanceof Error ? failure.message : String(failure)
    const trace = failure instanceof Error && failure.stack !== undefined ? `\n${failure.stack}` : ''
    this.write(FAILED, `\t${code}\t${message.replaceAll(/\s+/g, ' ')}${trace}`)
  }

  private write(state: number, rest = ''): void {
    this.written = Date.now()
    const seconds = Math.floor(this.written / 1000)
    writeFileSync(this.path, `${this.taskId}\t${seconds}\t${this.progress.toFixed(4)}\t${state}${rest}\n`)
  }
}
