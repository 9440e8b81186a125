import { type BlobRef, type Blobs, writeJsonLines } from '@ymir/blobs'
import type { DataSource } from 'typeorm'
import type { AssetEntry } from '../asset/entry.store.ts'
import { readPages } from '../page/page.store.ts'
import { entriesByAsset } from './ordered-entries.ts'
import { DatasetVersion } from './version.entity.ts'

/**
 * The content of versions as JSON Lines in the blob store, one asset a line, ordered by asset id: what executors and the
 * other services read. Made when first asked for; equal versions have equal manifests.
 */
export class Manifests {
  private readonly making = new Map<string, Promise<BlobRef>>()

  constructor(
    private readonly database: DataSource,
    private readonly blobs: Blobs,
  ) {}

  async of(version: DatasetVersion): Promise<BlobRef> {
    if (version.manifestSha256) return { sha256: version.manifestSha256, size: Number(version.manifestSize) }
    let manifest = this.making.get(version.id)
    if (!manifest) {
      manifest = this.make(version.id).finally(() => this.making.delete(version.id))
      this.making.set(version.id, manifest)
    }
    return manifest
  }

  private async make(versionId: string): Promise<BlobRef> {
    const { serials } = await readPages(this.database.manager, versionId)
    const manifest = await writeJsonLines(this.blobs, linesOf(entriesByAsset(this.database, serials)))
    await this.database.manager.update(
      DatasetVersion,
      { id: versionId },
      { manifestSha256: manifest.sha256, manifestSize: String(manifest.size) },
    )
    return manifest
  }
}

async function* linesOf(entries: AsyncIterable<AssetEntry>) {
  for await (const { id, format, width, height, annotations } of entries)
    yield { assetId: id, format, width, height, annotations }
}
