import { MarkedSerials } from '../index/mark.ts'
import { MeasuredSet } from '../index/measured-set.ts'
import type { Slices } from '../index/slices.ts'
import { noBits } from '../page/bits.ts'
import { SerialSet } from '../page/serial-set.ts'

/** Slices by page of values by serial, as the index would store them. */
export function someSlices(values: ReadonlyMap<number, number>): Map<number, Slices> {
  const marked = new MarkedSerials()
  for (const [serial, value] of values) if (value > 0) marked.measure(new Map([['it', value]]), serial)
  const pages = new Map<number, { some: Slices['some']; excess: Slices['some'][] }>()
  for (const { slice, serials } of marked) {
    const set = SerialSet.of(serials)
    for (const number of set.pageNumbers) {
      const slices = pages.get(number) ?? { some: noBits(), excess: [] }
      pages.set(number, slices)
      if (slice === 0) slices.some = set.page(number)!
      else {
        while (slices.excess.length < slice) slices.excess.push(noBits())
        slices.excess[slice - 1] = set.page(number)!
      }
    }
  }
  return pages
}

export function aMeasuredSet(values: ReadonlyMap<number, number>): MeasuredSet {
  return new MeasuredSet(someSlices(values))
}
