import { log } from './log.ts'

const retryMs = 5_000

/**
 * Work that rows of the database wait for: too slow for an event's handler, and not to be lost in a crash. `work` does
 * all that waits and is called again, one call at a time: at start, at every `look`, and some seconds after it threw.
 */
export class Chore {
  private stopped = false
  private wanted = false
  private timer: NodeJS.Timeout | undefined
  private running: Promise<void> | undefined

  /**
   * @param name for the log, e.g. 'evaluating'
   * @param work safe to repeat: what it does twice has the same effect
   */
  constructor(
    private readonly name: string,
    private readonly work: () => Promise<void>,
  ) {}

  /** There may be work: do it now, or once more after the call under way. */
  look = (): void => {
    this.wanted = true
    if (this.stopped || this.running) return
    this.running = this.run().finally(() => (this.running = undefined))
  }

  stop = async (): Promise<void> => {
    this.stopped = true
    clearTimeout(this.timer)
    await this.running
  }

  private async run(): Promise<void> {
    while (this.wanted && !this.stopped) {
      this.wanted = false
      clearTimeout(this.timer)
      try {
        await this.work()
      } catch (error) {
        if (this.stopped) return
        log.error(`${this.name} will be tried again in ${retryMs / 1000} s`, error)
        this.timer = setTimeout(this.look, retryMs)
      }
    }
  }
}

/** Does the work for each item, also when it fails for some; throws the failures at the end. */
export async function forEachEvenIfSomeFail<Item>(
  items: Iterable<Item>,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const failures: unknown[] = []
  for (const item of items) await work(item).catch((error: unknown) => failures.push(error))
  if (failures.length === 1) throw failures[0]
  if (failures.length) throw new AggregateError(failures, `${failures.length} items failed`)
}
