import { iou } from '@ymir/detection'
import { type Annotation, annotationSetOf, type ImageFacts } from '../annotation/annotation.ts'
import { SerialSet } from '../page/serial-set.ts'
import type { Contested, Entries } from './entries.ts'
import { groupsOf } from './groups.ts'

/** What happens to an asset that comes with different ground truths. */
export const MergeConflicts = {
  FIRST_WINS: 'FIRST_WINS',
  LAST_WINS: 'LAST_WINS',
  UNION: 'UNION',
  STOP: 'STOP',
} as const
export type MergeConflicts = keyof typeof MergeConflicts

/** Two boxes of a label that overlap more than this are one object when ground truths are united. */
export const sameObjectIou = 0.7

/** An asset has different ground truths, and the merge was told to stop then. */
export class MergeConflict extends Error {
  readonly code = 'MERGE_CONFLICT'
  constructor(
    readonly conflictCount: number,
    /** The first hundred. */
    readonly assetIds: readonly string[],
  ) {
    super(
      `${conflictCount} ${conflictCount === 1 ? 'asset has' : 'assets have'} different annotations in the versions; ` +
        'merge with conflicts: FIRST_WINS, LAST_WINS or UNION',
    )
  }
}

/**
 * The assets of all versions together, each once. Equal ground truths are one entry and never a conflict; only assets with
 * more than one entry are looked at.
 * @param parents first to last, as the policy counts
 * @throws MergeConflict with policy STOP
 */
export async function mergeVersions(
  parents: readonly SerialSet[],
  conflicts: MergeConflicts,
  entries: Entries,
): Promise<SerialSet> {
  const all = parents.reduce((merged, parent) => merged.union(parent), SerialSet.empty)
  const contested = entries.contested(all)
  switch (conflicts) {
    case 'STOP':
      return refuseConflicts(all, contested)
    case 'FIRST_WINS':
      return keepWinners(all, contested, parents)
    case 'LAST_WINS':
      return keepWinners(all, contested, parents.toReversed())
    case 'UNION':
      return uniteGroundTruths(all, contested, parents, entries)
  }
}

const conflictsListed = 100

async function refuseConflicts(all: SerialSet, contested: AsyncIterable<Contested>): Promise<SerialSet> {
  const assetIds: string[] = []
  let count = 0
  for await (const { assetId } of contested) if (++count <= conflictsListed) assetIds.push(assetId)
  if (count > 0) throw new MergeConflict(count, assetIds)
  return all
}

async function keepWinners(
  all: SerialSet,
  contested: AsyncIterable<Contested>,
  parents: readonly SerialSet[],
): Promise<SerialSet> {
  const losers: number[] = []
  for await (const { serials } of contested) losers.push(...byParent(serials, parents).slice(1))
  return all.minus(SerialSet.of(losers))
}

const unitedAtOnce = 1_000

async function uniteGroundTruths(
  all: SerialSet,
  contested: AsyncIterable<Contested>,
  parents: readonly SerialSet[],
  entries: Entries,
): Promise<SerialSet> {
  const replaced: number[] = []
  const united: number[] = []
  for await (const group of groupsOf(contested, unitedAtOnce)) {
    const truths = await entries.groundTruthsOf(group.flatMap(({ serials }) => serials))
    const sets = group.map(({ assetId, serials }) => {
      const opinions = byParent(serials, parents).map((serial) => truths.get(serial)!)
      const annotations = opinions.map((opinion) => opinion.annotations).reduce(uniteAnnotations)
      return { assetId, annotationSet: annotationSetOf(annotations, uniteFacts(opinions)) }
    })
    replaced.push(...group.flatMap(({ serials }) => serials))
    united.push(...(await entries.store(sets)))
  }
  return all.minus(SerialSet.of(replaced)).union(SerialSet.of(united))
}

/** The first list, and of the second what shows no object of the first. */
export function uniteAnnotations(
  first: readonly Annotation[],
  second: readonly Annotation[],
): readonly Annotation[] {
  const isKnown = (one: Annotation) =>
    first.some(({ label, box }) => label === one.label && iou(box, one.box) > sameObjectIou)
  return [...first, ...second.filter((one) => !isKnown(one))]
}

/** The tags of all; of a metadata key the first value. */
export function uniteFacts(opinions: readonly ImageFacts[]): ImageFacts {
  return {
    tags: opinions.flatMap(({ tags }) => tags),
    metadata: Object.fromEntries(opinions.toReversed().flatMap(({ metadata }) => Object.entries(metadata))),
  }
}

/** Entries of one asset in the order of the versions that have them. */
function byParent(serials: readonly number[], parents: readonly SerialSet[]): number[] {
  const rank = (serial: number) => parents.findIndex((parent) => parent.has(serial))
  return serials.toSorted((one, other) => rank(one) - rank(other))
}
