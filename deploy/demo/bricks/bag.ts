import { happens, pick, pickWeighted, wholeBetween, type Random } from './chance.ts'
import { frequencies, isRare, kinds, type Kind } from './kinds.ts'

/**
 * Where the bricks of a photo come from. Bricks are met as they are poured: a bag of usual bricks, or now and then one
 * of odd parts, so the rare kinds come together on few photos. Balanced: every kind as often as every other.
 */
export type Bag = 'usual' | 'odd' | 'balanced'

/** One bag in so many is odd. */
export const oddEvery = 12

/** Share of rare kinds in each sort of bag: over all bags they are met as often as `frequencies` says. */
const rareShare = { odd: 0.6, usual: 0.023 }

/** What is poured on the table for one photo. */
export function pour(random: Random, bag: Bag): Kind[] {
  return Array.from({ length: wholeBetween(random, 2, 7) }, () => {
    if (bag === 'balanced') return pick(random, kinds)
    const wantsRare = happens(random, rareShare[bag])
    const choice = kinds.filter((kind) => isRare(kind) === wantsRare)
    return pickWeighted(random, choice, (kind) => frequencies[kind])
  })
}
