import { execFileSync } from 'node:child_process'
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

/** A port of this machine that nobody listens on; `preferred` when that one is free. */
export async function freePort(preferred = 0, host = '127.0.0.1'): Promise<number> {
  const port = await tryPort(preferred, host)
  return port ?? (await tryPort(0, host)) ?? Promise.reject(new Error(`no free port on ${host}`))
}

function tryPort(port: number, host: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(undefined))
    server.listen({ port, host, exclusive: true }, () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' ? address?.port : undefined))
    })
  })
}
