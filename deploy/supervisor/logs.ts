import { join } from 'node:path'
import { LogFile, rotateForeign } from './log-file.ts'

export const logFolder = (home: string) => join(home, 'logs')
/** The file with the lines of all, each after its program's name. */
export const wholeLog = (home: string) => join(logFolder(home), 'ymir.log')
export const logOf = (home: string, name: string) => join(logFolder(home), `${name}.log`)

/** Everything that the programs say: in one file for all, and in one for each. PostgreSQL and NATS write their own. */
export class Logs {
  private readonly whole: LogFile
  private readonly single = new Map<string, LogFile>()
  private readonly rotation: NodeJS.Timeout

  constructor(
    private readonly home: string,
    private readonly onTerminal: boolean,
  ) {
    this.whole = new LogFile(wholeLog(home))
    this.rotation = setInterval(
      () => ['postgres', 'nats'].forEach((name) => rotateForeign(logOf(home, name))),
      60_000,
    )
    this.rotation.unref()
  }

  /** A line of a program. */
  write(name: string, line: string): void {
    this.fileOf(name).write(line)
    const prefixed = `${name.padEnd(10)} | ${line}`
    this.whole.write(prefixed)
    if (this.onTerminal) console.log(prefixed)
  }

  /** A word of the supervisor. */
  readonly say = (words: string): void =>
    this.write('supervisor', `${new Date().toISOString()} info  ${words}`)

  close(): void {
    clearInterval(this.rotation)
  }

  private fileOf(name: string): LogFile {
    const known = this.single.get(name) ?? new LogFile(logOf(this.home, name))
    this.single.set(name, known)
    return known
  }
}
