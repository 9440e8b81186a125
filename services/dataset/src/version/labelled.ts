import { type Annotation, annotationSetOf } from '../annotation/annotation.ts'
import type { LabelBook } from '../label/label.ts'
import { SerialSet } from '../page/serial-set.ts'
import type { Entries } from './entries.ts'
import { AssetsMissing, missingOf } from './take.ts'

/** New ground truth of an asset, as a labelling task gives it. */
export interface LabelledAsset {
  readonly assetId: string
  readonly annotations: readonly (Pick<Annotation, 'label' | 'box'> & Partial<Annotation>)[]
}

/** An annotation that no ground truth can have. */
export class BadAnnotation extends Error {
  readonly code = 'BAD_ANNOTATION'
  constructor(
    readonly assetId: string,
    problem: string,
  ) {
    super(`asset ${assetId}: ${problem}`)
  }
}

const storedAtOnce = 1_000

/**
 * The assets that were labelled, with their new ground truth; the others of the version are left out.
 * @throws AssetsMissing when an asset is not in the version, BadAnnotation
 */
export async function labelAssets(
  version: SerialSet,
  labelled: AsyncIterable<LabelledAsset>,
  labels: LabelBook,
  entries: Entries,
): Promise<SerialSet> {
  const serials: number[] = []
  const seen = new Set<string>()
  let group: LabelledAsset[] = []
  const store = async () => {
    const ids = group.map(({ assetId }) => assetId)
    const known = version.intersect(await entries.ofAssets(ids))
    if (known.size < ids.length)
      throw new AssetsMissing(ids.length - known.size, await missingOf(version, ids, entries))
    serials.push(...(await entries.store(group.map((asset) => groundTruthOf(asset, labels)))))
    group = []
  }
  for await (const asset of labelled) {
    if (seen.size === seen.add(asset.assetId).size)
      throw new BadAnnotation(asset.assetId, 'is labelled twice')
    group.push(asset)
    if (group.length === storedAtOnce) await store()
  }
  if (group.length) await store()
  return SerialSet.of(serials)
}

function groundTruthOf({ assetId, annotations }: LabelledAsset, labels: LabelBook) {
  return { assetId, annotationSet: annotationSetOf(checkAnnotations(assetId, annotations, labels)) }
}

/**
 * Annotations as people or services give them, complete and with the labels' own names.
 * @throws BadAnnotation
 */
export function checkAnnotations(
  assetId: string,
  annotations: LabelledAsset['annotations'],
  labels: LabelBook,
): Annotation[] {
  return annotations.map((given): Annotation => {
    const label = labels.resolve(given.label)
    if (label === undefined)
      throw new BadAnnotation(
        assetId,
        `"${given.label}" is no label of the workspace: make it with createLabels`,
      )
    const { x, y, width, height } = given.box
    if (![x, y, width, height].every(Number.isFinite) || width <= 0 || height <= 0)
      throw new BadAnnotation(assetId, `the box ${JSON.stringify(given.box)} of "${label}" has no area`)
    return {
      label,
      box: { x, y, width, height },
      difficult: given.difficult ?? false,
      truncated: given.truncated ?? false,
      crowd: given.crowd ?? false,
      ...(typeof given.quality === 'number' ? { quality: given.quality } : {}),
      ...(typeof given.rotation === 'number' ? { rotation: given.rotation } : {}),
    }
  })
}
