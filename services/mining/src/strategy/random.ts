import { seededRandom } from '@ymir/detection'

/** A seeded draw without replacement (Fisher & Yates), the same whatever order the ids came in. */
export function randomAssets(assetIds: readonly string[], budget: number, seed: number): string[] {
  const random = seededRandom(seed)
  const ids = assetIds.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  const count = Math.min(budget, ids.length)
  for (let place = 0; place < count; place++) {
    const other = place + Math.floor(random() * (ids.length - place))
    const held = ids[place]!
    ids[place] = ids[other]!
    ids[other] = held
  }
  return ids.slice(0, count)
}
