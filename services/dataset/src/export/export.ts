import type { Blobs } from '@ymir/blobs'
import type { DataSource } from 'typeorm'
import { readPages } from '../page/page.store.ts'
import { entriesByAsset } from '../version/ordered-entries.ts'
import { vocOf } from '../format/voc/voc-of.ts'
import { type ZippedFile, zipOf } from './zip-writer.ts'

/**
 * A version as a Pascal VOC zip, made while it is read: `images/<asset id>.<format>` and `annotations/<asset id>.xml`, ordered by
 * asset id. Versions with equal roots give the same bytes, and importing them gives the same root.
 */
export async function* exportVoc(
  database: DataSource,
  blobs: Blobs,
  versionId: string,
): AsyncGenerator<Buffer> {
  const { serials } = await readPages(database.manager, versionId)
  const files = async function* (): AsyncGenerator<ZippedFile> {
    for await (const entry of entriesByAsset(database, serials)) {
      yield { name: `images/${entry.id}.${entry.format}`, bytes: await blobs.get(entry.id) }
      yield { name: `annotations/${entry.id}.xml`, bytes: Buffer.from(vocOf(entry)) }
    }
  }
  yield* zipOf(files())
}
