import { Chore } from '@ymir/service'
import type { GarbageCollection } from './collection.ts'

export const usualGraceHours = 24
const everyMs = 24 * 3_600_000
/** Not in the rush of the start. */
const firstAfterMs = 3_600_000

/** Garbage collection once a day. */
export class DailyCollection {
  private readonly chore: Chore
  private timers: NodeJS.Timeout[] = []

  constructor(collection: GarbageCollection) {
    this.chore = new Chore('garbage collection', async () => void (await collection.collect(usualGraceHours)))
  }

  start(): void {
    this.timers = [setTimeout(this.chore.look, firstAfterMs), setInterval(this.chore.look, everyMs)]
  }

  async stop(): Promise<void> {
    for (const timer of this.timers) clearTimeout(timer)
    await this.chore.stop()
  }
}
