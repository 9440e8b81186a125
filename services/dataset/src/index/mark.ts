import type { Measure } from './measure.ts'

/** Serials by mark and slice, to be added to the index. Slices are numbered as `entry_marks` does: 0 for `some`. */
export class MarkedSerials {
  private readonly marks = new Map<string, Map<number, number[]>>()

  mark(mark: string, serial: number, slice = 0): void {
    let slices = this.marks.get(mark)
    if (!slices) this.marks.set(mark, (slices = new Map()))
    const serials = slices.get(slice)
    if (serials) serials.push(serial)
    else slices.set(slice, [serial])
  }

  /** A value above 0 sets `some` and the slices of what is above 1, see `Slices`. */
  measure(measured: ReadonlyMap<Measure, number>, serial: number): void {
    for (const [measure, value] of measured) {
      this.mark(measure, serial)
      for (let excess = value - 1, slice = 1; excess > 0; excess = Math.floor(excess / 2), slice++)
        if (excess % 2 === 1) this.mark(measure, serial, slice)
    }
  }

  *[Symbol.iterator](): Generator<{ mark: string; slice: number; serials: readonly number[] }> {
    for (const [mark, slices] of this.marks)
      for (const [slice, serials] of slices) yield { mark, slice, serials }
  }
}
