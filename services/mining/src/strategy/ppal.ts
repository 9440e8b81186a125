import {
  type AssetDetails,
  confidenceOf,
  type DetectionDetails,
  inOrder,
  likeliestClass,
} from './asset-details.ts'
import { binaryEntropy } from './uncertainty.ts'
import { dot } from './vectors.ts'

export interface PpalOptions {
  /** How fast the weight rises with difficulty (alpha) and its reach (beta); 0.3 and 0.2 in the paper. */
  readonly alpha: number
  readonly beta: number
  /** Candidates for each asset of the budget; 4 in the paper's setting. */
  readonly candidates: number
}

export const ppalOptions: PpalOptions = { alpha: 0.3, beta: 0.2, candidates: 4 }

/**
 * Weight of a class by its difficulty d in 0..1: 1 + alpha beta ln(1 + (e^(1/alpha) - 1) d) (Yang et al. 2024, class
 * weights of difficulty-calibrated uncertainty); from 1 to 1 + beta.
 */
export function classWeight(difficulty: number, { alpha, beta }: PpalOptions = ppalOptions): number {
  return 1 + alpha * beta * Math.log(1 + (Math.exp(1 / alpha) - 1) * difficulty)
}

/** Sum over boxes of the class's weight times the binary entropy (Yang et al. 2024); 0 without boxes. */
export function calibratedUncertainty(
  { detections }: AssetDetails,
  difficulties: readonly number[],
  options: PpalOptions = ppalOptions,
): number {
  return detections
    .map((box) => boxUncertainty(box, difficulties, options))
    .sort((a, b) => a - b)
    .reduce((sum, one) => sum + one, 0)
}

/** The class's weight times the binary entropy. */
export function boxUncertainty(
  { probabilities }: DetectionDetails,
  difficulties: readonly number[],
  options: PpalOptions = ppalOptions,
): number {
  const difficulty = difficulties[likeliestClass(probabilities)] ?? 1
  return classWeight(difficulty, options) * binaryEntropy(probabilities)
}

/**
 * Category-conditioned matching similarity (Yang et al. 2024): each object meets the most alike object (cosine) of its
 * class in the other image, weighted by confidence; the mean of both directions. In -1..1. Objects without an embedding
 * use the image's. Ours: an object whose class is missing there counts -1, an image without objects gives -1.
 */
export function matchingSimilarity(a: AssetDetails, b: AssetDetails): number {
  return (directedSimilarity(a, b) + directedSimilarity(b, a)) / 2
}

function directedSimilarity(from: AssetDetails, to: AssetDetails): number {
  let total = 0
  let weights = 0
  for (const one of from.detections) {
    const label = likeliestClass(one.probabilities)
    const same = to.detections.filter(({ probabilities }) => likeliestClass(probabilities) === label)
    const likeness = same.map((other) =>
      cosine(one.embedding ?? from.embedding, other.embedding ?? to.embedding),
    )
    total += confidenceOf(one) * Math.max(-1, ...likeness)
    weights += confidenceOf(one)
  }
  return weights > 0 ? total / weights : -1
}

/** Cosine similarity in -1..1; 0 where one is missing or zero. */
export function cosine(a: Float32Array | undefined, b: Float32Array | undefined): number {
  if (!a || !b || a.length !== b.length) return 0
  const norms = Math.sqrt(dot(a, 0, a, 0, a.length) * dot(b, 0, b, 0, b.length))
  return norms > 0 ? Math.min(1, Math.max(-1, dot(a, 0, b, 0, a.length) / norms)) : 0
}

/** More candidates than these are not moved to medoids: that would compare each with each. */
const mostRefined = 2_000

/**
 * PPAL (Yang, Huang & Crowley 2024; the authors' diversity_sampler.py): the candidates * budget highest of
 * `calibratedUncertainty`, of which a diverse batch is picked by k-center greedy over 1 - `matchingSimilarity`, starting with
 * the most uncertain (the authors' code: with any), and then moved to the medoids of its clusters. By asset id among equals.
 * @param difficulties of each class in 0..1, e.g. 1 - average precision; a class without one counts 1
 */
export function ppal(
  assets: readonly AssetDetails[],
  budget: number,
  difficulties: readonly number[],
  options: PpalOptions = ppalOptions,
): string[] {
  const candidates = inOrder(assets)
    .map((asset) => ({ asset, uncertainty: calibratedUncertainty(asset, difficulties, options) }))
    .sort((a, b) => b.uncertainty - a.uncertainty)
    .slice(0, Math.max(budget, Math.floor(options.candidates * budget)))
    .map(({ asset }) => asset)
  const distance = (a: number, b: number) => 1 - matchingSimilarity(candidates[a]!, candidates[b]!)
  const centres = spread(candidates.length, budget, distance)
  const picked =
    candidates.length > mostRefined ? centres : medoids(candidates.length, centres, remembered(distance))
  return picked.map((index) => candidates[index]!.assetId)
}

type Distance = (a: number, b: number) => number

/** K-center greedy among 0..count-1, beginning with 0: the one farthest from its nearest centre, the first among equals. */
export function spread(count: number, budget: number, distance: Distance): number[] {
  const nearest = new Float64Array(count).fill(Infinity)
  const picked: number[] = []
  while (picked.length < Math.min(budget, count)) {
    const next = nearest.reduce((best, far, index) => (far > nearest[best]! ? index : best), 0)
    picked.push(next)
    for (let index = 0; index < count; index++)
      nearest[index] = Math.min(nearest[index]!, distance(index, next))
    for (const index of picked) nearest[index] = -Infinity
  }
  return picked
}

const refiningRounds = 100

/** K-medoids from these centres: each goes to its nearest, then the member with the least distance to its cluster leads. */
export function medoids(count: number, centres: readonly number[], distance: Distance): number[] {
  let current = [...centres]
  for (let round = 0; round < refiningRounds; round++) {
    const groups = current.map((): number[] => [])
    for (let one = 0; one < count; one++) {
      const distances = current.map((centre) => (centre === one ? -1 : distance(one, centre))) // a centre leads itself
      groups[distances.indexOf(Math.min(...distances))]!.push(one)
    }
    const next = groups.map((group) => medoidOf(group, distance))
    if (next.every((one, place) => one === current[place])) break
    current = next
  }
  return current
}

function medoidOf(group: readonly number[], distance: Distance): number {
  const sums = group.map((one) =>
    group.reduce((sum, other) => sum + (other === one ? 0 : distance(one, other)), 0),
  )
  return group[sums.indexOf(Math.min(...sums))]!
}

/** Each pair is computed once. */
function remembered(distance: Distance): Distance {
  const known = new Map<number, number>()
  return (a, b) => {
    const [low, high] = [Math.min(a, b), Math.max(a, b)]
    const key = low * mostRefined + high
    const found = known.get(key) ?? distance(low, high)
    known.set(key, found)
    return found
  }
}
