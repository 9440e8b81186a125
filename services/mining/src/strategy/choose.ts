/** One line of a job's scores. */
export interface ScoredAsset {
  readonly assetId: string
  readonly score: number
}

/**
 * The assets to take: those with the highest scores, without the excluded ones. Equal scores are ordered by asset id, so
 * that the same scores always give the same choice. Keeps no more than `topK` in memory, whatever the pool's size.
 */
export async function chooseHighest(
  scored: AsyncIterable<ScoredAsset> | Iterable<ScoredAsset>,
  topK: number,
  isExcluded: (assetId: string) => boolean,
): Promise<ScoredAsset[]> {
  const chosen: ScoredAsset[] = []
  for await (const one of scored) {
    if (isExcluded(one.assetId)) continue
    const last = chosen[topK - 1]
    if (last && !comesBefore(one, last)) continue
    chosen.splice(placeOf(one, chosen), 0, one)
    if (chosen.length > topK) chosen.pop()
  }
  return chosen
}

function comesBefore(a: ScoredAsset, b: ScoredAsset): boolean {
  return a.score === b.score ? a.assetId < b.assetId : a.score > b.score
}

function placeOf(one: ScoredAsset, sorted: readonly ScoredAsset[]): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    const there = sorted[middle]
    if (there && comesBefore(there, one)) low = middle + 1
    else high = middle
  }
  return low
}
