import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SerialSet } from '../page/serial-set.ts'
import { aMeasuredSet, someSlices } from '../testing/measured.ts'
import type { Direction } from './measured-set.ts'
import { countWithin, sumWithin } from './slices.ts'

/** Values of serials on three pages, a part of which is in the set. */
const scene = fc
  .array(
    fc.record({
      serial: fc.integer({ min: 0, max: 140_000 }),
      value: fc.oneof(fc.nat(4), fc.nat(2_000), fc.constantFrom(2 ** 31, 2 ** 32 + 5)),
      isIn: fc.boolean(),
    }),
    { maxLength: 60 },
  )
  .map((rows) => {
    const values = new Map(rows.map(({ serial, value }) => [serial, value]))
    const set = new Set(rows.filter(({ isIn }) => isIn).map(({ serial }) => serial))
    return { values, set, measured: aMeasuredSet(values) }
  })
const direction = fc.constantFrom<Direction[]>('ASCENDING', 'DESCENDING')
const sorted = (numbers: Iterable<number>) => [...numbers].sort((a, b) => a - b)

describe('a measure kept bit by bit', () => {
  test('compares as the numbers do', () => {
    fc.assert(
      fc.property(scene, fc.nat(2_100), fc.nat(2_100), ({ values, set, measured }, minimum, maximum) => {
        const expected = sorted(set).filter(
          (one) => values.get(one)! >= minimum && values.get(one)! <= maximum,
        )
        expect([...measured.between(SerialSet.of(set), minimum, maximum)]).toEqual(expected)
      }),
    )
  })

  test('adds up as the numbers do', () => {
    fc.assert(
      fc.property(scene, ({ values, set }) => {
        const serials = SerialSet.of(set)
        const slices = someSlices(values)
        let [sum, count] = [0, 0]
        for (const number of serials.pageNumbers) {
          sum += sumWithin(slices.get(number), serials.page(number)!)
          count += slices.has(number) ? countWithin(slices.get(number)!.some, serials.page(number)!) : 0
        }
        const expected = [...set].map((one) => values.get(one)!)
        expect(sum).toBe(expected.reduce((a, b) => a + b, 0))
        expect(count).toBe(expected.filter((value) => value > 0).length)
      }),
    )
  })

  test('gives the order of the numbers, equal ones by serial, and goes on after any of them', () => {
    fc.assert(
      fc.property(scene, direction, fc.nat(), ({ values, set, measured }, way, chosen) => {
        const sign = way === 'ASCENDING' ? 1 : -1
        const expected = sorted(set)
          .map((serial) => ({ serial, value: values.get(serial)! }))
          .sort((a, b) => sign * (a.value - b.value) || a.serial - b.serial)
        const serials = SerialSet.of(set)
        expect([...measured.ordered(serials, way)]).toEqual(expected)
        if (expected.length === 0) return
        const at = chosen % expected.length
        expect([...measured.ordered(serials, way, expected[at])]).toEqual(expected.slice(at + 1))
      }),
    )
  })
})
