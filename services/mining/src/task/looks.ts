import type { PerceptualHash } from '../strategy/duplicates.ts'
import { CannotChoose } from './cannot-choose.ts'
import type { Pool } from './ranking.ts'
import type { ToldAsset } from './told-asset.ts'

const askedAtOnce = 5_000

/**
 * What an image tells, and where it gives no embedding the perceptual hash as one: 64 numbers of -1 and 1, so that a squared
 * distance is four times the bits that differ. Assets without either are passed over.
 * @throws CannotChoose while reading when no asset has either
 */
export function withLooks(
  { scores, details }: Pick<Pool, 'scores' | 'details'>,
  hashesOf: (assetIds: readonly string[]) => Promise<ReadonlyMap<string, PerceptualHash>>,
): NonNullable<Pool['details']> {
  return async function* () {
    let isAny = false
    for await (const group of inGroups(details?.() ?? bare(scores()))) {
      const without = group.filter(({ embedding }) => !embedding).map(({ assetId }) => assetId)
      const hashes = without.length ? await hashesOf(without) : new Map<string, PerceptualHash>()
      for (const asset of group) {
        const hash = hashes.get(asset.assetId)
        const embedding = asset.embedding ?? (hash && bitsOf(hash))
        if (embedding) yield { ...asset, embedding }
        isAny ||= embedding !== undefined
      }
    }
    if (!isAny)
      throw new CannotChoose(
        'the executor image gives no embeddings, and no image has a perceptual hash yet: mine again in some minutes',
      )
  }
}

async function* bare(scores: ReturnType<Pool['scores']>): AsyncGenerator<ToldAsset> {
  for await (const { assetId } of scores) yield { assetId, head: 'SOFTMAX', boxes: [], views: [] }
}

async function* inGroups(
  assets: AsyncIterable<ToldAsset> | Iterable<ToldAsset>,
): AsyncGenerator<ToldAsset[]> {
  let group: ToldAsset[] = []
  for await (const asset of assets) {
    if (group.push(asset) < askedAtOnce) continue
    yield group
    group = []
  }
  if (group.length) yield group
}

function bitsOf({ high, low }: PerceptualHash): number[] {
  return [high, low].flatMap((word) => Array.from({ length: 32 }, (_, bit) => ((word >>> bit) & 1 ? 1 : -1)))
}
