import { describe, expect, test } from 'vitest'
import { seededRandom } from './seeded-random.ts'

function draw(seed: number, count: number): number[] {
  return Array.from({ length: count }, seededRandom(seed))
}

describe('seeded random numbers', () => {
  // from a transcription of PractRand's sfc32 in another language; recorded seeds depend on these
  test.each([
    [1, [2012149540, 1872316204, 1707632675, 1779833415]],
    [2 ** 40 + 7, [1614752920, 2544231158, 2841167337, 645591171]],
    [-1, [3339006752, 3678934910, 3081961671, 2370706465]],
  ])('of seed %d are those of sfc32', (seed, expected) => {
    expect(draw(seed, 4).map((value) => value * 2 ** 32)).toEqual(expected)
  })

  test('repeat with the seed, and differ with another', () => {
    expect(draw(7, 20)).toEqual(draw(7, 20))
    expect(draw(7, 20)).not.toEqual(draw(8, 20))
  })

  test('lie evenly in [0, 1)', () => {
    const tenths = Array.from({ length: 10 }, () => 0)
    for (const value of draw(3, 100_000)) tenths[Math.floor(value * 10)]!++
    // 10,000 expected in each with a standard deviation of 95
    expect(Math.max(...tenths.map((count) => Math.abs(count - 10_000)))).toBeLessThan(500)
  })

  test('refuse a seed that would be rounded', () => {
    expect(() => seededRandom(0.5)).toThrow('seed 0.5 is not a safe integer')
    expect(() => seededRandom(2 ** 60)).toThrow(RangeError)
  })
})
