import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeBits, encodeBits, withPlaces } from './encoding.ts'
import { noBits, setBit } from './bits.ts'
import { SerialSet } from './serial-set.ts'

/** Serials near the borders of words and pages, in runs and alone. */
const serials = fc
  .array(
    fc
      .tuple(fc.constantFrom(0, 31, 65_530, 131_070, 10_000_000), fc.nat(70_000), fc.nat(40))
      .map(([start, gap, length]) => Array.from({ length }, (_, index) => start + gap + index)),
    { maxLength: 8 },
  )
  .map((runs) => new Set(runs.flat()))

const sorted = (numbers: Iterable<number>) => [...numbers].sort((a, b) => a - b)

describe('a set of serials is a set', () => {
  test('it holds what was put in, ascending', () => {
    fc.assert(
      fc.property(serials, (wanted) => {
        const set = SerialSet.of(wanted)
        expect([...set]).toEqual(sorted(wanted))
        expect(set.size).toBe(wanted.size)
        for (const serial of wanted) expect(set.has(serial)).toBe(true)
      }),
    )
  })

  test('union, intersection and difference are those of Set', () => {
    fc.assert(
      fc.property(serials, serials, (a, b) => {
        const [one, other] = [SerialSet.of(a), SerialSet.of(b)]
        expect([...one.union(other)]).toEqual(sorted(new Set([...a, ...b])))
        expect([...one.intersect(other)]).toEqual(sorted([...a].filter((serial) => b.has(serial))))
        expect([...one.minus(other)]).toEqual(sorted([...a].filter((serial) => !b.has(serial))))
      }),
    )
  })

  test('reading goes on after any serial', () => {
    fc.assert(
      fc.property(serials, fc.integer({ min: -1, max: 200_000 }), (wanted, last) => {
        const set = SerialSet.of(wanted)
        const after = sorted(wanted).filter((serial) => serial > last)
        expect([...set.after(last)]).toEqual(after)
        expect([...set.above(last)]).toEqual(after)
        const before = sorted(wanted).filter((serial) => serial < last)
        expect([...set.below(last)]).toEqual(before.reverse())
      }),
    )
  })
})

test('serials are found by the place they have in the whole', () => {
  fc.assert(
    fc.property(serials, fc.array(fc.nat(400)), (wanted, some) => {
      const ranks = sorted(new Set(some)).filter((rank) => rank < wanted.size)
      const all = sorted(wanted)
      expect([...SerialSet.of(wanted).atRanks(ranks)]).toEqual(ranks.map((rank) => all[rank]))
    }),
  )
})

describe('the bytes of a page', () => {
  test('give back its bits', () => {
    fc.assert(
      fc.property(serials, (wanted) => {
        const set = SerialSet.of(wanted)
        for (const number of set.pageNumbers) {
          const read = new SerialSet(new Map([[number, decodeBits(encodeBits(set.page(number)!))]]))
          expect([...read]).toEqual([...set.onPage(number)])
        }
      }),
    )
  })

  test('hold what is added to them, whatever their form was', () => {
    fc.assert(
      fc.property(serials, serials, fc.boolean(), (before, after, isFirst) => {
        const [old, more] = [SerialSet.of(before), SerialSet.of(after)]
        for (const number of more.pageNumbers) {
          const bytes = old.page(number) && !isFirst ? encodeBits(old.page(number)!) : undefined
          const places = [...more.onPage(number)].map((serial) => serial % 65_536)
          const expected = bytes ? old.onPage(number).union(more.onPage(number)) : more.onPage(number)
          const read = decodeBits(withPlaces(bytes, places))
          expect([...new SerialSet(new Map([[number, read]]))]).toEqual([...expected])
        }
      }),
    )
  })

  test('are short for few serials, for runs and for everything', () => {
    const bitsOf = (count: number, step: number) => {
      const bits = noBits()
      for (let index = 0; index < count; index++) setBit(bits, index * step)
      return bits
    }
    expect(encodeBits(bitsOf(3, 20_000))).toHaveLength(1 + 3 * 2)
    expect(encodeBits(bitsOf(65_536, 1))).toHaveLength(1 + 4)
    expect(encodeBits(bitsOf(32_768, 2))).toHaveLength(1 + 8_192)
  })

  test('that are no page are refused', () => {
    expect(() => decodeBits(Buffer.from([9]))).toThrow('a page begins with 0, 1 or 2, not with 9')
  })
})
