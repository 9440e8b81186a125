import type { BrickSet } from './generate.ts'

export type DemoSize = 'full' | 'quick'

/** As many photos as in the talk that the product follows; only ten times its test set, against the noise. */
const counts: Record<DemoSize, { readonly train: number; readonly test: number; readonly pool: number }> = {
  full: { train: 100, test: 100, pool: 1181 },
  quick: { train: 60, test: 100, pool: 240 },
}

/**
 * The three sets of the demo. Training set and pool are met naturally: a rare kind has a handful of boxes among the
 * training photos and many in the pool, where mining can find them. In the test set all kinds are equally frequent,
 * so that each kind's average precision rests on some thirty boxes and a rare one's is no lottery.
 */
export function demoSets(size: DemoSize, seed: number): Record<'train' | 'test' | 'pool', BrickSet> {
  const { train, test, pool } = counts[size]
  return {
    train: { name: 'train', seed: seed * 3, images: train, balance: 'natural' },
    test: { name: 'test', seed: seed * 3 + 1, images: test, balance: 'balanced' },
    pool: { name: 'pool', seed: seed * 3 + 2, images: pool, balance: 'natural' },
  }
}
