import { setTimeout as delay } from 'node:timers/promises'

/**
 * Waits until a probe gives something truthy, asking every `everyMs`.
 * @param what named in the error, e.g. 'job 7 to be RUNNING'
 * @throws Error with `what` and the probe's last error when the deadline passes
 */
export async function waitUntil<T>(
  what: string,
  probe: () => Promise<T | undefined | null | false> | T | undefined | null | false,
  { timeoutMs = 10_000, everyMs = 25 }: { timeoutMs?: number; everyMs?: number } = {},
): Promise<T> {
  const deadline = Date.now() + timeoutMs
  let problem = ''
  for (;;) {
    try {
      const found = await probe()
      if (found) return found
      problem = ''
    } catch (error) {
      problem = `: ${error instanceof Error ? error.message : String(error)}`
    }
    if (Date.now() >= deadline) throw new Error(`waited ${timeoutMs} ms for ${what}${problem}`)
    await delay(everyMs)
  }
}
