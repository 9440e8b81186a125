import type { AssetDetails } from '../strategy/asset-details.ts'
import type { Embedded } from '../strategy/typiclust.ts'
import { mostCompared, type Pool } from './ranking.ts'
import { detailsOf } from './told-asset.ts'

/** What the image told of single assets; read when first asked for, none where it told nothing. */
export class ToldAssets {
  private readonly details = new Map<string, AssetDetails | undefined>()
  private excluded: Promise<readonly Embedded[]> | undefined

  constructor(
    readonly lines: Pool['details'],
    private readonly excludedIds: ReadonlySet<string>,
  ) {}

  async of(assetIds: readonly string[]): Promise<ReadonlyMap<string, AssetDetails | undefined>> {
    const wanted = new Set(assetIds.filter((assetId) => !this.details.has(assetId)))
    for (const assetId of wanted) this.details.set(assetId, undefined)
    for await (const asset of this.find(wanted)) this.details.set(asset.assetId, asset)
    return this.details
  }

  /** Of the excluded assets that the job looked at too: they are as its model sees them. At most as many as are compared. */
  embeddingsOfExcluded(): Promise<readonly Embedded[]> {
    this.excluded ??= this.readExcluded()
    return this.excluded
  }

  private async readExcluded(): Promise<Embedded[]> {
    const found: Embedded[] = []
    for await (const { assetId, embedding } of this.find(this.excludedIds)) {
      if (embedding) found.push({ assetId, embedding })
      if (found.length === mostCompared) break
    }
    return found
  }

  private async *find(wanted: ReadonlySet<string>): AsyncGenerator<AssetDetails> {
    if (!this.lines || wanted.size === 0) return
    for await (const one of this.lines()) if (wanted.has(one.assetId)) yield detailsOf(one)
  }
}
