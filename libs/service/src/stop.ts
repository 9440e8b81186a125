import { log } from './log.ts'

const patienceMs = 4_500

/** Runs the stops one after the other on SIGTERM or SIGINT, then exits; a stop that hangs is cut off after 4.5 seconds. */
export function stopOnSignal(...stops: readonly (() => Promise<unknown>)[]): void {
  let stopping = false
  const stop = async (signal: string) => {
    if (stopping) return
    stopping = true
    log.info(`stopping on ${signal}`)
    setTimeout(() => {
      log.warn(`did not stop within ${patienceMs} ms: exiting`)
      process.exit(1)
    }, patienceMs).unref()
    for (const one of stops) await one().catch((error: unknown) => log.error('while stopping', error))
    process.exit(0)
  }
  process.on('SIGTERM', (signal) => void stop(signal))
  process.on('SIGINT', (signal) => void stop(signal))
}
