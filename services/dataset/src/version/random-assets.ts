import { seededRandom } from '@ymir/detection'

/**
 * Different whole numbers below `size`, ascending, every choice equally likely: as many draws as numbers, whatever the size
 * (Floyd's algorithm; Bentley, CACM 30(9), 1987).
 * @param count as many as there are, at most
 */
export function chooseRanks(size: number, count: number, seed: number): number[] {
  const random = seededRandom(seed)
  const chosen = new Set<number>()
  for (let last = size - Math.min(count, size); last < size; last++) {
    const one = Math.floor(random() * (last + 1))
    chosen.add(chosen.has(one) ? last : one)
  }
  return [...chosen].sort((one, other) => one - other)
}
