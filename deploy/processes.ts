import { execFileSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { waitUntil } from '@ymir/service'

/**
 * The command line of a running process, its arguments separated by spaces.
 * A zombie (dead, but not yet collected by its parent) has none: for us it is gone.
 */
export function commandLineOf(pid: number): string | undefined {
  try {
    const line =
      process.platform === 'linux'
        ? readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
        : execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8', stdio: 'pipe' })
    return line.trim() || undefined
  } catch {
    return undefined
  }
}

/**
 * Whether the process runs and has each mark as an argument: its number alone may have been given to another program
 * since we wrote it down.
 */
export function isOurs(pid: number, ...marks: readonly string[]): boolean {
  const line = commandLineOf(pid)
  return line !== undefined && marks.every((mark) => ` ${line} `.includes(` ${mark} `))
}

/** Whether the number is taken in the process table, be it by a zombie. */
export function pidIsTaken(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' // process.kill throws nothing but errno errors
  }
}

/**
 * Asks a process that is verified as ours to end, and kills it when it does not within `patienceMs`.
 * @param marks what its command line must contain, checked again before each signal
 */
export async function endProcess(
  pid: number,
  marks: readonly string[],
  { signal = 'SIGTERM', patienceMs = 5_000 }: { signal?: NodeJS.Signals; patienceMs?: number } = {},
): Promise<void> {
  const isGone = () => !isOurs(pid, ...marks)
  const send = (which: NodeJS.Signals) => {
    try {
      if (!isGone()) process.kill(pid, which)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error // process.kill throws nothing but errno errors
    }
  }
  send(signal)
  try {
    await waitUntil(`process ${pid} to end`, isGone, { timeoutMs: patienceMs })
  } catch {
    send('SIGKILL')
    await waitUntil(`process ${pid} to end after SIGKILL`, isGone, { timeoutMs: 5_000 })
  }
}

/**
 * Ports that systems do not give to outgoing connections (Linux: 32768 and more). A client that tries again and again to
 * reach a server in that range, while it is down, comes to be connected to itself: the port is taken then, and the
 * server cannot come back.
 */
const lowestPort = 20_000
const highestPort = 32_000
const tries = 200
/** Those who asked for them may not listen yet. */
const given = new Set<number>()

/** A port of this machine that nobody listens on, and no other each time; `preferred` when that one is free. */
export async function freePort(preferred = 0, host = '127.0.0.1'): Promise<number> {
  if (preferred !== 0 && (await isFree(preferred, host))) return preferred
  for (let tried = 0; tried < tries; tried += 1) {
    const port = randomInt(lowestPort, highestPort)
    if (given.has(port)) continue
    given.add(port)
    if (await isFree(port, host)) return port
  }
  throw new Error(`no free port between ${lowestPort} and ${highestPort} on ${host}`)
}

/**
 * The port that a server of ours had at its last start, or another when that one stays taken. A killed process keeps its
 * port for a moment after the system has forgotten its command line, so a taken port is looked at again for 2 seconds.
 */
export async function samePort(last: number | undefined): Promise<number> {
  if (last === undefined) return freePort()
  try {
    await waitUntil(`port ${last} to be free`, () => isFree(last, '127.0.0.1'), { timeoutMs: 2_000 })
    return last
  } catch {
    return freePort()
  }
}

function isFree(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)))
  })
}
