import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { iou } from '@ymir/detection'
import { describe, expect, test } from 'vitest'
import { localDivergence } from '../aldd.ts'
import type { AssetDetails, DetectionDetails } from '../asset-details.ts'
import { badge } from '../badge.ts'
import { cald, caldConsistency, classEvidence } from '../cald.ts'
import { coreSet } from '../core-set.ts'
import { probabilityVariance } from '../disagreement.ts'
import { jensenShannon } from '../divergence.ts'
import { nearestNeighbours } from '../neighbours.ts'
import { calibratedUncertainty, classWeight, matchingSimilarity, medoids, spread } from '../ppal.ts'
import { typicality, typicalOfEach } from '../typiclust.ts'
import * as uncertainty from '../uncertainty.ts'
import { vectorsOf } from '../vectors.ts'

// vectors.json is written by an implementation that was made from the papers and their authors' code alone (README.md):
// a figure that differs is an error on one side
interface Case<Input, Expected> {
  readonly name: string
  readonly input: Input
  readonly expected: Expected
}
const { groups } = JSON.parse(readFileSync(join(import.meta.dirname, 'vectors.json'), 'utf8')) as {
  readonly groups: Readonly<Record<string, { readonly cases: readonly Case<never, never>[] }>>
}

/** Runs a group's cases; one that no comparison fits is not hidden but left out by `fits`, of which some must remain. */
function agree<Input, Expected>(
  group: string,
  check: (input: Input, expected: Expected) => void,
  fits: (input: Input, expected: Expected) => boolean = () => true,
): void {
  describe(group, () => {
    const cases = (groups[group]?.cases ?? []) as readonly Case<Input, Expected>[]
    test.each(cases.filter(({ input, expected }) => fits(input, expected)))('$name', ({ input, expected }) =>
      check(input, expected),
    )
  })
}

const near = (value: number, expected: number) => expect(value).toBeCloseTo(expected, 9)
/** Our vectors are of single precision. */
const nearSingle = (value: number, expected: number) =>
  expect(Math.abs(value - expected)).toBeLessThan(1e-5 * Math.max(1, expected))

type Corner = readonly [x: number, y: number, width: number, height: number]
interface Found {
  readonly probs: readonly number[]
  readonly box: Corner
}
const boxOf = ([x, y, width, height]: Corner) => ({ x, y, width, height })
const detectionOf = ({ probs, box }: Found): DetectionDetails => ({ box: boxOf(box), probabilities: probs })
const assetOf = (
  dets: readonly Found[],
  views: readonly (readonly Found[])[] = [],
  assetId = 'a',
): AssetDetails => ({
  ...{ assetId, probabilityKind: 'SOFTMAX', detections: dets.map(detectionOf) },
  views: views.map((seen, index) => ({ transform: `view ${index}`, detections: seen.map(detectionOf) })),
})
/** In the order of the index. */
const idOf = (index: number) => String(index).padStart(3, '0')
const rows = (points: readonly (readonly number[])[]) =>
  vectorsOf(points.map((one) => Float32Array.from(one)))

agree<{ probs: number[] }, Record<'least_confidence' | 'margin_uncertainty' | 'entropy', number>>(
  'box_uncertainty',
  ({ probs }, expected) => {
    near(uncertainty.leastConfidence(probs), expected.least_confidence)
    near(uncertainty.margin(probs), expected.margin_uncertainty)
    near(uncertainty.entropy(probs), expected.entropy)
  },
)

type ByAggregate = Record<'max' | 'sum' | 'mean' | 'topk', number>
agree<
  { probs: number[][]; k: number },
  Record<'least_confidence' | 'margin_uncertainty' | 'entropy', ByAggregate>
>('image_aggregation', ({ probs, k }, expected) => {
  const asset = assetOf(probs.map((one) => ({ probs: one, box: [0, 0, 1, 1] })))
  const measures = [
    [uncertainty.leastConfidence, expected.least_confidence],
    [uncertainty.margin, expected.margin_uncertainty],
    [uncertainty.entropy, expected.entropy],
  ] as const
  for (const [measure, { max, sum, mean, topk }] of measures) {
    const by = (aggregation: uncertainty.Aggregation) =>
      uncertainty.imageUncertainty(asset, measure, { aggregation, withoutDetections: 0 })
    near(by({ by: 'MAX' }), max)
    near(by({ by: 'SUM' }), sum)
    near(by({ by: 'MEAN' }), mean)
    near(by({ by: 'TOP_MEAN', count: k }), topk)
  }
})

agree<{ probs: number[] }, { sum: number }>('binary_entropy', ({ probs }, { sum }) =>
  near(uncertainty.binaryEntropy(probs), sum),
)

agree<{ a: Corner; b: Corner }, { iou: number }>('iou', ({ a, b }, expected) =>
  near(iou(boxOf(a), boxOf(b)), expected.iou),
)

agree<{ p: number[]; q: number[] }, { normalised: number }>('js_divergence', ({ p, q }, { normalised }) =>
  near(jensenShannon(p, q), normalised),
)

interface Looks {
  readonly dets: readonly Found[]
  readonly views: readonly (readonly Found[])[]
}
agree<Looks & { beta: number }, { score: number }>('cald_stage1', ({ dets, views, beta }, { score }) =>
  near(caldConsistency(assetOf(dets, views), beta), score),
)

agree<Looks & { num_classes: number }, { profile: number[] }>(
  'cald_profile',
  ({ dets, views, num_classes }, { profile }) =>
    classEvidence(assetOf(dets, views), num_classes).forEach((value, label) => near(value, profile[label]!)),
)

interface Selection {
  readonly images: readonly Looks[]
  readonly labelled_counts: readonly (readonly number[])[]
  readonly num_classes: number
  readonly budget: number
  readonly beta: number
  readonly ratio: number
}
agree<Selection, { picks: number[] }>('cald_select', (input, { picks }) => {
  const assets = input.images.map(({ dets, views }, index) => assetOf(dets, views, idOf(index)))
  const means = Array.from(
    { length: input.num_classes },
    (_, label) =>
      input.labelled_counts.reduce((sum, counts) => sum + counts[label]!, 0) / input.labelled_counts.length,
  )
  const chosen = cald(assets, input.budget, means, { beta: input.beta, candidates: input.ratio })
  expect(chosen).toEqual(picks.map(idOf))
})

agree<{ pool: number[][]; labelled: number[][]; budget: number }, { picks: number[] }>(
  'coreset_kcenter',
  ({ pool, labelled, budget }, { picks }) =>
    expect(coreSet(rows(pool), budget, rows(labelled))).toEqual(picks),
  // with nothing labelled the algorithm leaves the first pick open: ours is the one farthest from the mean
  ({ labelled }) => labelled.length > 0,
)

agree<{ points: number[][]; k: number }, { paper: number[] }>('typicality', ({ points, k }, { paper }) =>
  typicality(rows(points), k).forEach((value, row) => nearSingle(value, paper[row]!)),
)

agree<{ difficulty: number[]; alpha: number; beta: number }, { weights: number[] }>(
  'ppal_class_weights',
  ({ difficulty, alpha, beta }, { weights }) =>
    difficulty.forEach((one, index) =>
      near(classWeight(one, { alpha, beta, candidates: 4 }), weights[index]!),
    ),
)

agree<{ dets: Found[]; weights: number[]; score_thr: number }, { all_classes: number }>(
  'ppal_image_uncertainty',
  ({ dets, weights, score_thr }, { all_classes }) => {
    const counted = dets.filter(({ probs }) => Math.max(...probs) >= score_thr)
    // the weights themselves stand in the case: the difficulty that gives such a weight is put in
    const [alpha, beta] = [0.3, 0.2]
    const difficulties = weights.map(
      (weight) => (Math.exp((weight - 1) / (alpha * beta)) - 1) / (Math.exp(1 / alpha) - 1),
    )
    near(calibratedUncertainty(assetOf(counted), difficulties), all_classes)
  },
)

interface Featured {
  readonly label: number
  readonly score: number
  readonly feature: readonly number[]
}
agree<{ a: Featured[]; b: Featured[] }, { similarity_minus1: number }>(
  'ppal_ccms',
  ({ a, b }, { similarity_minus1 }) => {
    const labels = Math.max(...[...a, ...b].map(({ label }) => label)) + 1
    const withFeatures = (all: readonly Featured[]): AssetDetails => ({
      ...{ assetId: 'a', probabilityKind: 'SIGMOID' },
      detections: all.map(({ label, score, feature }) => ({
        box: { x: 0, y: 0, width: 1, height: 1 },
        probabilities: Array.from({ length: labels }, (_, index) => (index === label ? score : 0)),
        embedding: Float32Array.from(feature),
      })),
    })
    nearSingle(matchingSimilarity(withFeatures(a), withFeatures(b)), similarity_minus1)
  },
  ({ a, b }) => a.length > 0 && b.length > 0,
)

agree<Looks & { iou_min: number }, { variance_agg: { mean: number }; looks_per_box: number[] }>(
  'bald_image',
  ({ dets, views }, { variance_agg }) => near(probabilityVariance(assetOf(dets, views)), variance_agg.mean),
  // a look that misses an object counts as zeros here, and is left out there: no paper says which
  ({ views }, { looks_per_box }) =>
    looks_per_box.length > 0 && looks_per_box.every((count) => count === views.length + 1),
)

agree<{ maps: number[][][]; radius: number; size: number }, { sum: number }>(
  'localized_divergence',
  ({ maps, radius, size }, { sum }) => {
    const heatMaps = maps.map((map) => ({
      ...{ columns: map[0]!.length, rows: map.length },
      values: Float32Array.from(map.flat()),
    }))
    nearSingle(localDivergence(heatMaps, { radius, pool: size }), sum)
  },
)

agree<{ query: number[]; points: number[][]; k: number }, { distances: number[] }>(
  'nearest_neighbours',
  ({ query, points, k }, { distances }) => {
    const found = nearestNeighbours(rows(points), rows([query]), k)
    distances.forEach((distance, place) => nearSingle(Math.sqrt(found.squaredDistances[place]!), distance))
  },
  // more neighbours than there are vectors are refused here
  ({ points, k }) => k <= points.length,
)

agree<
  { probs_per_image: number[][]; embeddings: number[][]; budget: number; uniforms: number[] },
  { picks: number[] }
>('badge_picks', ({ probs_per_image, embeddings, budget, uniforms }, { picks }) => {
  const assets = probs_per_image.map((probs, index) => ({
    ...assetOf([{ probs, box: [0, 0, 1, 1] }], [], idOf(index)),
    embedding: Float32Array.from(embeddings[index]!),
  }))
  const drawn = uniforms.values()
  expect(badge(assets, budget, () => drawn.next().value ?? NaN)).toEqual(picks.map(idOf))
})

interface Clustered {
  readonly points: readonly (readonly number[])[]
  readonly clusters: readonly number[]
  readonly labelled: readonly number[]
  readonly budget: number
  readonly max_neighbours: number
}
agree<Clustered, { picks_paper_resorted: number[] }>('typiclust_picks', (input, expected) => {
  const members = input.points.map((point, index) => ({
    ...{ assetId: idOf(index), embedding: Float32Array.from(point) },
    ...{ cluster: input.clusters[index]!, isLabelled: input.labelled.includes(index) },
  }))
  const picked = typicalOfEach(members, input.budget, input.max_neighbours)
  expect(picked.map(({ assetId }) => assetId)).toEqual(expected.picks_paper_resorted.map(idOf))
})

agree<{ similarity: number[][]; budget: number }, { greedy: number[]; final_greedy: number[] }>(
  'ppal_diversity_similarity',
  ({ similarity, budget }, { greedy, final_greedy }) => {
    const distance = (a: number, b: number) => 1 - similarity[a]![b]!
    const centres = spread(similarity.length, budget, distance)
    expect(centres).toEqual(greedy)
    expect(medoids(similarity.length, centres, distance)).toEqual(final_greedy)
  },
)
