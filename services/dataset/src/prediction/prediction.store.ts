import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import type { Blobs } from '@ymir/blobs'
import type { Prediction } from '@ymir/graphql'
import type { EntityManager } from 'typeorm'
import { PredictionSet } from './prediction-set.entity.ts'

/** What a model found in one asset. */
export interface AssetPredictions {
  readonly assetId: string
  readonly predictions: readonly Prediction[]
}

/** A prediction set whose bytes are stored, and where in them the line of each asset is. */
export interface WrittenPredictions {
  readonly blob: { readonly sha256: string; readonly size: number }
  readonly predictionCount: number
  readonly lines: readonly PredictionLine[]
}

interface PredictionLine {
  readonly assetId: string
  readonly start: number
  readonly length: number
  readonly labels: readonly string[]
  readonly scores: readonly number[]
}

const linesAtOnce = 10_000

/** Writes predictions as JSON Lines, one asset a line. Memory: about 200 bytes for each asset, 16 for each prediction. */
export async function writePredictions(
  blobs: Blobs,
  predictions: AsyncIterable<AssetPredictions>,
): Promise<WrittenPredictions> {
  const lines: PredictionLine[] = []
  let predictionCount = 0
  let start = 0
  const bytes = async function* () {
    for await (const one of predictions) {
      const line = Buffer.from(JSON.stringify(one) + '\n')
      lines.push({
        ...{ assetId: one.assetId, start, length: line.length },
        labels: one.predictions.map(({ label }) => label),
        scores: one.predictions.map(({ score }) => score),
      })
      predictionCount += one.predictions.length
      start += line.length
      yield line
    }
  }
  const blob = await blobs.putStream(Readable.from(bytes(), { objectMode: false }))
  return { blob, predictionCount, lines }
}

/** Makes written predictions a prediction set of a version. */
export async function storePredictionSet(
  manager: EntityManager,
  { blob, predictionCount, lines }: WrittenPredictions,
  of: Pick<PredictionSet, 'versionId' | 'sourceKind' | 'sourceId'>,
): Promise<void> {
  const id = randomUUID()
  await manager.insert(PredictionSet, {
    ...of,
    id,
    blobSha256: blob.sha256,
    blobSize: String(blob.size),
    assetCount: lines.length,
    predictionCount,
    createdAt: new Date(),
  })
  for (let at = 0; at < lines.length; at += linesAtOnce) {
    const some = lines.slice(at, at + linesAtOnce)
    await manager.query(
      `insert into prediction_lines (set_id, asset_id, start, length, labels, scores)
       select $1, decode(asset, 'hex'), start, length, array(select jsonb_array_elements_text(labels)), scores::float8[]
         from unnest($2::text[], $3::bigint[], $4::integer[], $5::jsonb[], $6::text[])
           as l (asset, start, length, labels, scores)`,
      [
        id,
        some.map(({ assetId }) => assetId),
        some.map(({ start }) => start),
        some.map(({ length }) => length),
        some.map(({ labels }) => JSON.stringify(labels)),
        some.map(({ scores }) => `{${scores.join(',')}}`),
      ],
    )
  }
}

/** What a set says of some assets, in their order; an asset that it does not name has none. */
export async function readPredictions(
  manager: EntityManager,
  blobs: Blobs,
  { id, blobSha256 }: PredictionSet,
  assetIds: readonly string[],
): Promise<(readonly Prediction[])[]> {
  const rows: { asset: string; start: string; length: number }[] = await manager.query(
    `select encode(asset_id, 'hex') as asset, start, length from prediction_lines
      where set_id = $1 and asset_id in (select decode(id, 'hex') from unnest($2::text[]) as a (id))`,
    [id, assetIds],
  )
  const found = new Map<string, readonly Prediction[]>()
  for (const { asset, start, length } of rows) {
    const range = { start: Number(start), end: Number(start) + length - 1 }
    const line = await buffer(blobs.read(blobSha256, range))
    found.set(asset, (JSON.parse(line.toString()) as AssetPredictions).predictions) // written above
  }
  return assetIds.map((asset) => found.get(asset) ?? [])
}
