import { seededRandom } from '@ymir/detection'
import type { SerialSet } from '../page/serial-set.ts'

/**
 * A uniform sample without replacement, the same for the same version, count and seed. Selection sampling (Knuth, TAOCP
 * 3.4.2, algorithm S): one pass, no memory but the result.
 * @param count as many as there are, at most
 */
export function sampleVersion(version: SerialSet, count: number, seed: number): SerialSet {
  const random = seededRandom(seed)
  let left = version.size
  let needed = Math.min(count, left)
  return version.keep(() => {
    const isTaken = random() * left < needed
    if (isTaken) needed--
    left--
    return isTaken
  })
}

/** The sample of a fraction, and all the rest. */
export function splitVersion(version: SerialSet, fraction: number, seed: number): [SerialSet, SerialSet] {
  const first = sampleVersion(version, countOfFraction(version.size, fraction), seed)
  return [first, version.minus(first)]
}

export function countOfFraction(size: number, fraction: number): number {
  return Math.round(size * fraction)
}
