import type { BoxXywh } from '@ymir/detection'
import type { AssetDetails } from '../strategy/asset-details.ts'

/** A line of what an image told of an asset beside its score, as the executor keeps it. */
export interface ToldAsset {
  readonly assetId: string
  readonly head: 'SOFTMAX' | 'SIGMOID'
  readonly boxes: readonly ToldBox[]
  readonly views: readonly { readonly name: string; readonly boxes: readonly ToldBox[] }[]
  readonly embedding?: readonly number[]
  readonly heatMaps?: readonly {
    readonly columns: number
    readonly rows: number
    readonly values: readonly number[]
  }[]
}

interface ToldBox {
  readonly box: BoxXywh
  readonly probabilities: readonly number[]
}

export function detailsOf({ assetId, head, boxes, views, embedding, heatMaps }: ToldAsset): AssetDetails {
  return {
    assetId,
    probabilityKind: head,
    detections: boxes,
    views: views.map(({ name, boxes: detections }) => ({ transform: name, detections })),
    ...(embedding && { embedding: Float32Array.from(embedding) }),
    ...(heatMaps && {
      heatMaps: heatMaps.map((map) => ({ ...map, values: Float32Array.from(map.values) })),
    }),
  }
}
