import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  renameSync,
  statSync,
  truncateSync,
} from 'node:fs'
import { dirname } from 'node:path'

const maxBytes = 10 * 1024 * 1024
const keptFiles = 3

/** A log of ours that starts anew at 10 MB; `x.log.1` is the youngest of three that are kept. */
export class LogFile {
  private size: number

  constructor(
    readonly path: string,
    private readonly limit = maxBytes,
  ) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    this.size = existsSync(path) ? statSync(path).size : 0
  }

  /** Written at once, so that the last words before a crash are there. */
  write(line: string): void {
    const text = line + '\n'
    if (this.size > 0 && this.size + text.length > this.limit) {
      shiftOlder(this.path)
      renameSync(this.path, `${this.path}.1`)
      this.size = 0
    }
    appendFileSync(this.path, text, { mode: 0o600 })
    this.size += Buffer.byteLength(text)
  }
}

/** The same for a file that another program holds open for appending: copied aside, then emptied under its hands. */
export function rotateForeign(path: string, limit = maxBytes): void {
  if (!existsSync(path) || statSync(path).size <= limit) return
  shiftOlder(path)
  copyFileSync(path, `${path}.1`)
  truncateSync(path)
}

function shiftOlder(path: string): void {
  for (let age = keptFiles - 1; age >= 1; age--) {
    if (existsSync(`${path}.${age}`)) renameSync(`${path}.${age}`, `${path}.${age + 1}`)
  }
}
