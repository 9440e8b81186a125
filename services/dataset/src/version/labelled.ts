import { isSameTurn } from '@ymir/detection'
import { type Annotation, annotationSetOf } from '../annotation/annotation.ts'
import type { LabelBook } from '../label/label.ts'
import { SerialSet } from '../page/serial-set.ts'
import type { Entries, GroundTruth } from './entries.ts'
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

/** Pixels within which a box is the same after it was cut to the image and written down again. */
const sameBoxWithin = 1e-6

/** Radians within which a turned box is turned alike. */
const sameTurnWithin = 1e-6

/**
 * The assets that were labelled, with their new ground truth; the others of the version are left out. Tags and metadata of an
 * image stay, and so does all that is known of an object that was left as it was: labelling shows only boxes and how they are turned.
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
    const truths = [...(await entries.groundTruthsOf([...known])).values()]
    const before = new Map(truths.map((truth) => [truth.assetId, truth]))
    // of all assets of the group, see above
    const after = group.map((asset) => groundTruthOf(asset, before.get(asset.assetId)!, labels))
    serials.push(...(await entries.store(after)))
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

function groundTruthOf({ assetId, annotations }: LabelledAsset, before: GroundTruth, labels: LabelBook) {
  const untouched = [...before.annotations]
  const after = checkAnnotations(assetId, annotations, labels).map((drawn) => {
    const place = untouched.findIndex((known) => looksTheSame(known, drawn))
    return place < 0 ? drawn : untouched.splice(place, 1)[0]!
  })
  return { assetId, annotationSet: annotationSetOf(after, before) }
}

function looksTheSame(known: Annotation, drawn: Annotation): boolean {
  const sides = ['x', 'y', 'width', 'height'] as const
  const flags = ['label', 'difficult', 'truncated', 'crowd'] as const
  return (
    flags.every((flag) => known[flag] === drawn[flag]) &&
    isSameTurn(known.rotation ?? 0, drawn.rotation ?? 0, sameTurnWithin) &&
    sides.every((one) => Math.abs(known.box[one] - drawn.box[one]) < sameBoxWithin)
  )
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
      ...(given.source ? { source: given.source } : {}),
    }
  })
}
