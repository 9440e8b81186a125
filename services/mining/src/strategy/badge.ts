import { type AssetDetails, inOrder, likeliestClass } from './asset-details.ts'
import { dot } from './vectors.ts'
import { weightedDraw } from './weighted-draw.ts'

/**
 * BADGE (Ash et al. 2020, algorithm 1): the gradient embedding of the last layer, g = (p - onehot(argmax p)) x h
 * (outer product, eq. 1), and a k-means++ sample of it (Arthur & Vassilvitskii 2007). The first
 * pick is the longest gradient. For detection p - onehot is the mean over the boxes, h the asset's embedding.
 * Outer products are never made: <a x h, b x k> = <a, b> <h, k>. Without gradients the rest comes by asset id.
 * @param random uniform in [0, 1), drawn from once for each pick but the first
 * @throws RangeError when an asset has no embedding
 */
export function badge(assets: readonly AssetDetails[], budget: number, random: () => number): string[] {
  const sorted = inOrder(assets)
  const gradients = sorted.map(gradientOf)
  const norms = gradients.map((one) => product(one, one))
  const weights = new Float64Array(norms)
  const remaining = new Set(sorted.keys())
  const picked: number[] = []
  while (picked.length < Math.min(budget, sorted.length)) {
    const drawn = picked.length === 0 ? longest(norms) : weightedDraw(weights, random)
    const next = drawn >= 0 ? drawn : remaining.values().next().value!
    picked.push(next)
    remaining.delete(next)
    for (const row of remaining) {
      const squared = Math.max(0, norms[row]! + norms[next]! - 2 * product(gradients[row]!, gradients[next]!))
      weights[row] = picked.length === 1 ? squared : Math.min(weights[row]!, squared)
    }
    weights[next] = 0
  }
  return picked.map((row) => sorted[row]!.assetId)
}

interface Gradient {
  readonly error: Float32Array
  readonly embedding: Float32Array
}

function gradientOf({ assetId, detections, embedding }: AssetDetails): Gradient {
  if (!embedding)
    throw new RangeError(`asset ${assetId} has no embedding: choose another strategy or use descriptors`)
  const error = new Float32Array(detections[0]?.probabilities.length ?? 0)
  for (const { probabilities } of detections) {
    const label = likeliestClass(probabilities)
    probabilities.forEach(
      (p, index) => (error[index]! += (p - (index === label ? 1 : 0)) / detections.length),
    )
  }
  return { error, embedding }
}

function product(a: Gradient, b: Gradient): number {
  if (a.error.length === 0 || b.error.length === 0) return 0
  return dot(a.error, 0, b.error, 0, a.error.length) * dot(a.embedding, 0, b.embedding, 0, a.embedding.length)
}

function longest(norms: readonly number[]): number {
  return norms.reduce((best, norm, index) => (norm > norms[best]! ? index : best), 0)
}
