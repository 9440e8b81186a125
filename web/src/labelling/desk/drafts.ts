import type { Drawn } from '../drawing/sheet.ts'
import type { Shelf } from './outbox.ts'

const calmMs = 1_000

/**
 * What is drawn so far: at once in the browser, a moment later at the platform, which has it for the labeller's other
 * browsers. Only what the platform has not got yet is kept here.
 */
export class Drafts {
  private timer: ReturnType<typeof setTimeout> | undefined
  private unsaved: { itemId: string; annotations: readonly Drawn[] } | undefined

  /** @param onProblem told when the platform did not take a draft; it stays in the browser */
  constructor(
    private readonly shelf: Shelf,
    private readonly owner: string,
    private readonly save: (itemId: string, annotations: readonly Drawn[]) => Promise<void>,
    private readonly onProblem: (error: unknown) => void,
  ) {}

  keep(itemId: string, annotations: readonly Drawn[]): void {
    this.shelf.setItem(this.keyOf(itemId), JSON.stringify(annotations))
    clearTimeout(this.timer)
    this.unsaved = { itemId, annotations }
    this.timer = setTimeout(() => void this.flush(), calmMs)
  }

  /** A draft that the platform may not have. */
  kept(itemId: string): readonly Drawn[] | undefined {
    const text = this.shelf.getItem(this.keyOf(itemId))
    return text === null ? undefined : (JSON.parse(text) as Drawn[]) // written by `keep`
  }

  /** The image is answered: there is nothing to come back to. */
  forget(itemId: string): void {
    if (this.unsaved?.itemId === itemId) {
      clearTimeout(this.timer)
      this.unsaved = undefined
    }
    this.shelf.removeItem(this.keyOf(itemId))
  }

  /** Saves what waits, now. */
  async flush(): Promise<void> {
    clearTimeout(this.timer)
    const { unsaved } = this
    if (!unsaved) return
    this.unsaved = undefined
    const { itemId, annotations } = unsaved
    try {
      await this.save(itemId, annotations)
    } catch (error) {
      this.unsaved ??= unsaved // the next attempt is with the next stroke, or when the connection is back
      this.onProblem(error)
      return
    }
    if (this.shelf.getItem(this.keyOf(itemId)) === JSON.stringify(annotations))
      this.shelf.removeItem(this.keyOf(itemId))
  }

  private keyOf(itemId: string): string {
    return `ymir.draft.${this.owner}.${itemId}`
  }
}
