import { watch, type FSWatcher } from 'node:fs'

/**
 * Tells soon when something in some folders or files changes, where the system can tell: look again after a while all
 * the same. Each watch is good for one change and then armed anew, so that an image that writes without pause costs no
 * more than one that writes now and then.
 */
export class Changes {
  private readonly armed = new Map<string, FSWatcher>()
  private changed = false
  private wake = () => {}

  /** Call it before a look: what changes from now on ends the next wait. Places that are not there are passed over. */
  arm(places: readonly string[]): void {
    for (const place of places) {
      if (this.armed.has(place)) continue
      try {
        const watcher = watch(place, { persistent: false }, () => {
          this.disarm(place)
          this.ring()
        })
        watcher.on('error', () => this.disarm(place))
        this.armed.set(place, watcher)
      } catch {
        // it is not there yet, or the system has no more watches: the next look comes anyway
      }
    }
  }

  /** Ends the wait: something is known to have changed. */
  readonly ring = (): void => {
    this.changed = true
    this.wake()
  }

  /** Until something changes, `ms` pass or the signal aborts; at once when something changed since the last wait. */
  async wait(ms: number, signal: AbortSignal): Promise<void> {
    if (!this.changed && !signal.aborted)
      await new Promise<void>((resolve) => {
        const end = () => {
          clearTimeout(timer)
          signal.removeEventListener('abort', end)
          resolve()
        }
        const timer = setTimeout(end, ms)
        signal.addEventListener('abort', end)
        this.wake = end
      })
    this.changed = false
  }

  close(): void {
    for (const place of [...this.armed.keys()]) this.disarm(place)
  }

  private disarm(place: string): void {
    this.armed.get(place)?.close()
    this.armed.delete(place)
  }
}
