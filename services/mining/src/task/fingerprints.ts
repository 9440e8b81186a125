import type { GraphClient } from '@ymir/graphql'
import type { Fingerprint, PerceptualHash } from '../strategy/duplicates.ts'
import type { Excluded } from './excluded.ts'
import { perceptualHashesOf } from './perceptual-hashes.ts'
import type { ToldAssets } from './told-assets.ts'

/** What de-duplication goes by: looks from the dataset service, embeddings from what the image told. */
export class Fingerprints {
  private readonly hashes = new Map<string, PerceptualHash | undefined>()
  private givenOnes: Promise<readonly Fingerprint[]> | undefined

  /**
   * @param versionId of the pool
   * @param excluded what is labelled or was mined before
   */
  constructor(
    private readonly graph: GraphClient,
    private readonly told: ToldAssets,
    private readonly versionId: string,
    private readonly excluded: readonly Excluded[],
  ) {}

  async of(assetIds: readonly string[]): Promise<ReadonlyMap<string, Fingerprint>> {
    const unknown = assetIds.filter((assetId) => !this.hashes.has(assetId))
    const found = await perceptualHashesOf(this.graph, this.versionId, unknown)
    for (const assetId of unknown) this.hashes.set(assetId, found.get(assetId))
    const told = await this.told.of(assetIds)
    return new Map(
      assetIds.map((assetId) => [
        assetId,
        fingerprint(assetId, this.hashes.get(assetId), told.get(assetId)?.embedding),
      ]),
    )
  }

  /** Of the excluded ones, as far as they are known. */
  given(): Promise<readonly Fingerprint[]> {
    this.givenOnes ??= this.readGiven()
    return this.givenOnes
  }

  private async readGiven(): Promise<Fingerprint[]> {
    const embeddings = new Map(
      (await this.told.embeddingsOfExcluded()).map(({ assetId, embedding }) => [assetId, embedding]),
    )
    const given = new Map<string, Fingerprint>()
    for (const { versionId, assetIds } of this.excluded) {
      const unknown = assetIds.filter((assetId) => !given.has(assetId))
      const hashes = await perceptualHashesOf(this.graph, versionId, unknown)
      for (const assetId of unknown)
        given.set(assetId, fingerprint(assetId, hashes.get(assetId), embeddings.get(assetId)))
    }
    return [...given.values()]
  }
}

function fingerprint(
  assetId: string,
  perceptualHash: PerceptualHash | undefined,
  embedding: Float32Array | undefined,
): Fingerprint {
  return { assetId, ...(perceptualHash && { perceptualHash }), ...(embedding && { embedding }) }
}
