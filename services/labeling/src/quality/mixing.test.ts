import { seededRandom } from '@ymir/detection'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { withFlaws } from './flaws.ts'
import { chooseInOrder, mix } from './mixing.ts'

const anyShares = fc.record({
  own: fc.integer({ min: 1, max: 60 }),
  gold: fc.integer({ min: 0, max: 20 }),
  overlap: fc.double({ min: 0, max: 1, noNaN: true }),
})

test('every place is taken once, and the images of the version stay in their order', () => {
  fc.assert(
    fc.property(anyShares, fc.integer({ min: 0, max: 2 ** 48 }), (shares, seed) => {
      const { own, second, gold } = mix(shares, seededRandom(seed))
      const places = [...own, ...second.values(), ...gold]
      expect(places.toSorted((a, b) => a - b)).toEqual(places.map((_, index) => index))
      expect([...own]).toEqual([...own].sort((a, b) => a - b))
      expect(gold).toHaveLength(shares.gold)
      const least = shares.overlap > 0 ? 1 : 0
      expect(second.size).toBe(Math.max(least, Math.round(shares.own * shares.overlap)))
    }),
  )
})

test('the same seed gives the same places, another seed others', () => {
  const of = (seed: number) => mix({ own: 100, gold: 20, overlap: 0.2 }, seededRandom(seed)).gold
  expect(of(1)).toEqual(of(1))
  expect(of(1)).not.toEqual(of(2))
})

test('gold images stand at every place equally often', () => {
  const counts = Array.from({ length: 10 }, () => 0)
  const random = seededRandom(5)
  for (let draw = 0; draw < 2_000; draw++)
    for (const place of mix({ own: 7, gold: 2, overlap: 0.1 }, random).gold) counts[place]!++
  // 400 expected at each of the ten, with a standard deviation of 18
  expect(Math.max(...counts.map((count) => Math.abs(count - 400)))).toBeLessThan(90)
})

test('a choice is of as many as are wanted, or of all', () => {
  expect(chooseInOrder(3, 5, seededRandom(1))).toEqual([0, 1, 2])
  expect(chooseInOrder(9, 0, seededRandom(1))).toEqual([])
})

test('flaws keep boxes in the image and classes of the task, and leave few answers whole', () => {
  const image = { width: 100, height: 80 }
  const random = seededRandom(3)
  const known = [0, 20, 40, 60].map((x) => ({ label: 'cat', box: { x, y: 2, width: 30, height: 50 } }))
  let whole = 0
  for (let time = 0; time < 300; time++) {
    const flawed = withFlaws(known, image, ['cat', 'dog'], random)
    for (const { label, box } of flawed) {
      expect(['cat', 'dog']).toContain(label)
      expect(Object.values(box).every(Number.isInteger)).toBe(true)
      expect(Math.min(box.x, box.y, box.width - 1, box.height - 1)).toBeGreaterThanOrEqual(0)
      expect([box.x + box.width <= 100, box.y + box.height <= 80]).toEqual([true, true])
    }
    if (JSON.stringify(flawed) === JSON.stringify(known)) whole++
  }
  expect(whole).toBeLessThan(20)
  expect(withFlaws([], image, ['cat'], random)).toEqual([])
})

test('a flawed start leaves turned boxes turned and whole, their middle in the image', () => {
  const image = { width: 100, height: 80 }
  // upright at the left border
  const known = [{ label: 'cat', box: { x: -18, y: 30, width: 40, height: 8 }, rotation: Math.PI / 2 }]
  const random = seededRandom(4)
  for (let time = 0; time < 200; time++)
    for (const { box, rotation } of withFlaws(known, image, ['cat'], random)) {
      const [middleX, middleY] = [box.x + box.width / 2, box.y + box.height / 2]
      expect(rotation).toBe(Math.PI / 2)
      expect(middleX >= 0 && middleX <= 100 && middleY >= 0 && middleY <= 80).toBe(true)
      expect(box.width).toBeGreaterThanOrEqual(35) // 12 percent narrower at most, and not cut
    }
})
