/** Wakes someone who waits for one of several things; a ring while nobody waits is kept. */
export class Bell {
  private rung = false
  private wake = () => {}

  readonly ring = (): void => {
    this.rung = true
    this.wake()
  }

  /** Until it rings, or rang since the last wait. */
  async rings(): Promise<void> {
    if (!this.rung) await new Promise<void>((resolve) => (this.wake = resolve))
    this.rung = false
  }
}
