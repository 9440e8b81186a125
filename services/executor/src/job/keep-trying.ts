import { setTimeout as delay } from 'node:timers/promises'
import { log } from '@ymir/service'
import { JobProblem } from './failure.ts'

const patienceMs = 5 * 60_000
const longestPauseMs = 5_000
const hopeless = ['ENOSPC', 'EDQUOT', 'EACCES', 'ENOENT', 'EROFS']

/**
 * Does something until it succeeds: the database or the gateway may be away for a while, and a job of hours should not
 * be lost for it. Gives up after five minutes, when the signal aborts, and at once with errors that waiting cannot mend.
 */
export async function keepTrying<T>(what: string, act: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  const deadline = Date.now() + patienceMs
  for (let pause = 250; ; pause = Math.min(longestPauseMs, 2 * pause)) {
    try {
      return await act()
    } catch (error) {
      if (signal?.aborted || Date.now() > deadline || isHopeless(error)) throw error
      log.warn(`${what}: will be tried again: ${error instanceof Error ? error.message : String(error)}`)
      await delay(pause, undefined, { signal })
    }
  }
}

function isHopeless(error: unknown): boolean {
  if (error instanceof JobProblem) return true
  const { code } = error as NodeJS.ErrnoException // undefined for errors that are not of fs
  return typeof code === 'string' && hopeless.includes(code)
}
