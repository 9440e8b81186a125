import { randomUUID } from 'node:crypto'
import sharp from 'sharp'
import type { AnnotationSet } from '../annotation/annotation.ts'
import { storeAssets, storeEntries } from '../asset/entry.store.ts'
import { continueDataset } from '../dataset/dataset.store.ts'
import { SerialSet } from '../page/serial-set.ts'
import type { DatasetVersion } from '../version/version.entity.ts'
import { createVersion } from '../version/version.store.ts'
import type { TestService } from './service.ts'

/** A picture of noise: a PNG of about three bytes a pixel, so that it is larger than what is read at once. */
function aNoisyImage(width: number, height: number): Promise<Buffer> {
  const noise = { type: 'gaussian' as const, mean: 128, sigma: 60 }
  return sharp({ create: { width, height, channels: 3, background: 'black', noise } })
    .png()
    .toBuffer()
}

/** A version of these annotation sets, each of an image of its own: what no import may be able to say yet. */
export async function aStoredVersion(
  { database, bus, blobs }: TestService,
  projectId: string,
  sets: readonly AnnotationSet[],
  { width, height }: { width: number; height: number },
): Promise<DatasetVersion> {
  const assets = await Promise.all(
    sets.map(async () => {
      const { sha256, size } = await blobs.put(await aNoisyImage(width, height))
      return { id: sha256, size, width, height, format: 'png' as const }
    }),
  )
  return database.transaction(async (manager) => {
    await storeAssets(manager, assets)
    const entries = assets.map(({ id }, index) => ({ assetId: id, annotationSet: sets[index]! }))
    const serials = await storeEntries(manager, entries)
    return createVersion(manager, bus, {
      dataset: await continueDataset(manager, projectId, `stored ${randomUUID()}`),
      ...{ operation: 'IMPORT', parameters: {}, parents: [], actorId: randomUUID() },
      serials: SerialSet.of(serials),
    })
  })
}
