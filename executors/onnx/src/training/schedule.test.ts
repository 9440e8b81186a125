import { describe, expect, it } from 'vitest'
import { inputSizeFor } from './input-size.ts'
import { rateShare } from './schedule.ts'

describe('the learning rate', () => {
  const shares = Array.from({ length: 1000 }, (_, step) => rateShare(step, 1000, 50))

  it('rises evenly, stays, then falls to almost nothing', () => {
    expect(shares[0]).toBeCloseTo(1 / 50)
    expect(shares[24]).toBeCloseTo(0.5)
    expect(shares.slice(49, 300).every((share) => share === 1)).toBe(true)
    expect(shares.at(-1)).toBeCloseTo(0.02, 3)
  })

  it('never rises again after the plateau', () => {
    for (let step = 301; step < 1000; step++) expect(shares[step]).toBeLessThanOrEqual(shares[step - 1] ?? 0)
  })

  it('needs no warm-up', () => {
    expect(rateShare(0, 100, 0)).toBe(1)
  })
})

describe('the input size', () => {
  it('has the longer side as asked and the shape of the images', () => {
    expect(inputSizeFor([{ width: 640, height: 480 }], 192)).toEqual({ width: 192, height: 144 })
    expect(inputSizeFor([{ width: 480, height: 640 }], 192)).toEqual({ width: 144, height: 192 })
    expect(inputSizeFor([{ width: 256, height: 256 }], 160)).toEqual({ width: 160, height: 160 })
  })

  it('is what the network can halve four times', () => {
    const { width, height } = inputSizeFor([{ width: 500, height: 333 }], 200)
    expect([width % 16, height % 16]).toEqual([0, 0])
  })

  it('weighs wide and tall images alike', () => {
    const wideAndTall = [
      { width: 200, height: 100 },
      { width: 100, height: 200 },
    ]
    expect(inputSizeFor(wideAndTall, 160)).toEqual({ width: 160, height: 160 })
  })
})
