import fc from 'fast-check'
import { expect, test } from 'vitest'
import { withinBudget } from './budget.ts'

const ranked = [
  { assetId: 'a', labels: ['brick', 'brick'] },
  { assetId: 'b', labels: ['brick'] },
  { assetId: 'c', labels: ['plate'] },
  { assetId: 'd', labels: [] },
]
const idsOf = (picks: readonly { assetId: string }[]) => picks.map(({ assetId }) => assetId)

test('a class gets its share first, then the best come, and what filled a share says so', () => {
  expect(withinBudget(ranked, { images: 2 }, [{ label: 'plate', share: 0.5 }])).toEqual([
    { assetId: 'a', labels: ['brick', 'brick'] },
    { assetId: 'c', labels: ['plate'], forShareOf: 'plate' },
  ])
})

test('a budget in boxes skips what no longer fits and ends when it is spent', () => {
  expect(idsOf(withinBudget(ranked, { images: 9, boxes: 1 }))).toEqual(['b'])
  expect(idsOf(withinBudget(ranked, { images: 9, boxes: 3 }))).toEqual(['a', 'b'])
  expect(idsOf(withinBudget(ranked, { images: 9, boxes: 5 }))).toEqual(['a', 'b', 'c', 'd'])
  expect(idsOf(withinBudget(ranked, { images: 1, boxes: 5 }))).toEqual(['a'])
})

test('shares that cannot be are refused', () => {
  const sharing = (...shares: number[]) =>
    withinBudget(
      ranked,
      { images: 2 },
      shares.map((share, index) => ({ label: `class ${index}`, share })),
    )
  expect(() => sharing(2)).toThrow('not in 0..1')
  expect(() => sharing(0.6, 0.6)).toThrow('sum to 1.2')
  const twice = [
    { label: 'brick', share: 0.1 },
    { label: 'brick', share: 0.1 },
  ]
  expect(() => withinBudget(ranked, { images: 2 }, twice)).toThrow('two minimum shares')
})

const candidates = fc
  .array(fc.array(fc.constantFrom('brick', 'plate', 'tile'), { maxLength: 4 }), { maxLength: 30 })
  .map((all) => all.map((labels, index) => ({ assetId: `asset ${index}`, labels })))

test('no budget is exceeded, nothing is picked twice, a share is filled as far as the pool goes', () => {
  const budget = fc.record({
    images: fc.integer({ min: 1, max: 12 }),
    boxes: fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined }),
  })
  fc.assert(
    fc.property(candidates, budget, fc.constantFrom(0, 0.25, 0.5, 1), (pool, { images, boxes }, share) => {
      const limit = { images, ...(boxes !== undefined && { boxes }) }
      const picks = withinBudget(pool, limit, [{ label: 'tile', share }])

      expect(picks.length).toBeLessThanOrEqual(images)
      expect(new Set(idsOf(picks)).size).toBe(picks.length)
      if (boxes !== undefined)
        expect(picks.reduce((sum, { labels }) => sum + labels.length, 0)).toBeLessThanOrEqual(boxes)
      if (boxes === undefined) {
        const holding = (of: readonly { labels: readonly string[] }[]) =>
          of.filter(({ labels }) => labels.includes('tile')).length
        expect(holding(picks)).toBeGreaterThanOrEqual(Math.min(Math.ceil(share * images), holding(pool)))
        expect(picks.length).toBe(Math.min(images, pool.length))
      }
    }),
  )
})
