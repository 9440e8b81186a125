import { createHash } from 'node:crypto'
import type { EntityManager } from 'typeorm'
import { type Annotation, annotationSetOf, type ImageFacts } from '../annotation/annotation.ts'
import { storeAssets, storeEntries } from '../asset/entry.store.ts'
import { openDataset, targetOf } from '../dataset/dataset.store.ts'
import { SerialSet } from '../page/serial-set.ts'
import type { DatasetVersion } from '../version/version.entity.ts'
import { createVersion } from '../version/version.store.ts'
import type { TestService } from './service.ts'

/** An image as a test wants it: no bytes, but everything that the database knows. */
export interface WantedAsset extends Partial<ImageFacts> {
  readonly name: string
  readonly width?: number
  readonly height?: number
  /** Label and side of each box. */
  readonly boxes?: readonly (readonly [string, number])[]
  /** Besides the boxes. */
  readonly annotations?: readonly Annotation[]
}

export const idOf = (name: string): string => createHash('sha256').update(name).digest('hex')

/** A version of assets that are stored without an import. */
export function aStoredVersion(
  { database, bus }: TestService,
  { projectId, name }: { projectId: string; name: string },
  wanted: readonly WantedAsset[],
): Promise<DatasetVersion> {
  return database.transaction(async (manager) => {
    const serials = SerialSet.of(await storeWanted(manager, wanted))
    return createVersion(manager, bus, {
      dataset: await openDataset(manager, projectId, targetOf({ name })),
      operation: 'IMPORT',
      parameters: {},
      parents: [],
      serials,
      actorId: '',
    })
  })
}

async function storeWanted(manager: EntityManager, wanted: readonly WantedAsset[]): Promise<number[]> {
  await storeAssets(
    manager,
    wanted.map(({ name, width = 64, height = 48 }) => ({
      id: idOf(name),
      format: 'jpg',
      width,
      height,
      size: 1,
    })),
  )
  await manager.query(
    `insert into asset_names select decode(id, 'hex'), name from unnest($1::text[], $2::text[]) as n (id, name)
     on conflict do nothing`,
    [wanted.map(({ name }) => idOf(name)), wanted.map(({ name }) => name)],
  )
  return storeEntries(
    manager,
    wanted.map(({ name, boxes = [], annotations = [], ...facts }) => ({
      assetId: idOf(name),
      annotationSet: annotationSetOf([...boxes.map(aBox), ...annotations], facts),
    })),
  )
}

function aBox([label, side]: readonly [string, number], index: number): Annotation {
  const box = { x: index, y: 0, width: side, height: side }
  return { label, box, difficult: false, truncated: false, crowd: false }
}
