import type { EntityManager } from 'typeorm'
import type { AnnotationSet } from '../annotation/annotation.ts'
import { queryChosen } from '../asset/chosen.ts'
import { batchesOf, entriesOfAssets, readEntries, severalMark, storeEntries } from '../asset/entry.store.ts'
import { entryIndexOf } from '../index/entry-index.ts'
import { readMark } from '../index/mark.store.ts'
import { labelMeasure, type Measure } from '../index/measure.ts'
import type { MeasuredSet } from '../index/measured-set.ts'
import { readPages } from '../page/page.store.ts'
import { readPlaces } from '../page/places.ts'
import { SerialSet } from '../page/serial-set.ts'
import type { PredictionFilter } from '../prediction/prediction-filter.ts'
import { entriesPredicted } from '../prediction/score.store.ts'
import type { Contested, Entries, GroundTruth } from './entries.ts'

const assetsAtOnce = 10_000

/** Entries in the database, within a transaction. */
export class StoredEntries implements Entries {
  constructor(private readonly manager: EntityManager) {}

  async *contested(serials: SerialSet): AsyncGenerator<Contested> {
    const candidates = await this.havingOthers(serials)
    if (candidates.size < 2) return
    const rows = queryChosen<{ asset_id: string; serials: string[] }>(
      this.manager,
      candidates,
      (chosen) =>
        `select encode(asset_id, 'hex') as asset_id, array_agg(serial order by serial) as serials
           from ${chosen} join entries using (serial) group by entries.asset_id having count(*) > 1
          order by entries.asset_id`,
    )
    for await (const row of rows) yield { assetId: row.asset_id, serials: row.serials.map(Number) }
  }

  async ofSameAssets(serials: SerialSet): Promise<SerialSet> {
    const candidates = await this.havingOthers(serials)
    if (candidates.size === 0) return serials
    const rows = queryChosen<{ serial: string }>(
      this.manager,
      candidates,
      (chosen) =>
        `select same.serial from ${chosen} join entries using (serial)
           join entries same on same.asset_id = entries.asset_id`,
    )
    const others: number[] = []
    for await (const { serial } of rows) others.push(Number(serial))
    return serials.union(SerialSet.of(others))
  }

  async ofAssets(assetIds: Iterable<string>): Promise<SerialSet> {
    const serials: number[] = []
    for (const some of batchesOf(assetIds, assetsAtOnce))
      serials.push(...(await entriesOfAssets(this.manager, some)).map(({ serial }) => serial))
    return SerialSet.of(serials)
  }

  withLabel(label: string): Promise<SerialSet> {
    return readMark(this.manager, labelMeasure(label))
  }

  measured(measure: Measure, within: SerialSet): Promise<MeasuredSet> {
    return entryIndexOf(this.manager).read(this.manager, measure, within.pageNumbers)
  }

  /** A scan over all names. */
  named(text: string): Promise<SerialSet> {
    return readPlaces(
      this.manager,
      `select serial
         from (select distinct asset_id from asset_names where position(lower($1) in lower(name)) > 0) named
         join entries using (asset_id)`,
      [text],
    )
  }

  predicted(filter: PredictionFilter): Promise<SerialSet> {
    return entriesPredicted(this.manager, filter)
  }

  async ofVersion(versionId: string): Promise<SerialSet> {
    return (await readPages(this.manager, versionId)).serials
  }

  async groundTruthsOf(serials: readonly number[]): Promise<ReadonlyMap<number, GroundTruth>> {
    const entries = await readEntries(this.manager, serials)
    return new Map(
      entries.map(({ serial, id, annotations, tags, metadata }) => [
        serial,
        { assetId: id, annotations, tags, metadata },
      ]),
    )
  }

  store(
    entries: readonly { readonly assetId: string; readonly annotationSet: AnnotationSet }[],
  ): Promise<number[]> {
    return storeEntries(this.manager, entries)
  }

  /** Only entries whose asset has other entries can meet another one. */
  private async havingOthers(serials: SerialSet): Promise<SerialSet> {
    return serials.intersect(await readMark(this.manager, severalMark))
  }
}
