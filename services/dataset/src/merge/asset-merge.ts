import type { Annotation } from '../annotation/annotation.ts'
import { matchAnnotations, type Matching, sayTheSame } from '../annotation/match.ts'
import type { GroundTruth } from '../version/entries.ts'
import { uniteAnnotations, uniteFacts } from '../version/merge.ts'
import { chosenSides, type Conflict, conflictKey, type Resolution, type Sides } from './conflict.ts'

/** An asset that two sides changed: what is settled, and what is not. */
export interface AssetMerge {
  /** Without what is in conflict; null when the whole asset is. */
  readonly settled: GroundTruth | null
  readonly conflicts: readonly KeyedConflict[]
}

export type KeyedConflict = Conflict & { readonly key: string }

/**
 * Three-way merge of one asset. The boxes of either side are matched with the base's (see `matchAnnotations`); a box that one
 * side left as it was becomes what the other made of it, also nothing. A box that both changed is settled if they agree, and a
 * conflict if not, also when one changed and the other removed it. A box that is new is taken; two new ones of a label that
 * overlap and differ are a conflict. Tags are merged like sets, metadata key by key.
 */
export function mergeAsset(assetId: string, { base, ours, theirs }: Sides<GroundTruth>): AssetMerge {
  if (!ours || !theirs)
    return { settled: null, conflicts: keyed([{ kind: 'ASSET', assetId, sides: { base, ours, theirs } }]) }
  const boxes = mergeAnnotations(base?.annotations ?? [], ours.annotations, theirs.annotations)
  const values = mergeMetadata(base?.metadata ?? {}, ours.metadata, theirs.metadata)
  const tags = mergeTags(base?.tags ?? [], ours.tags, theirs.tags)
  return {
    settled: { assetId, annotations: boxes.settled, tags, metadata: values.settled },
    conflicts: keyed([
      ...boxes.conflicts.map((sides): Conflict => ({ kind: 'ANNOTATION', assetId, sides })),
      ...values.conflicts.map(({ name, sides }): Conflict => ({ kind: 'METADATA', assetId, name, sides })),
    ]),
  }
}

/** The asset with its conflicts settled; null when it is to be left out. */
export function resolveAsset(
  { settled, conflicts }: AssetMerge,
  resolutionOf: (conflict: KeyedConflict) => Resolution,
): GroundTruth | null {
  let merged = settled
  for (const conflict of conflicts) merged = resolve(merged, conflict, resolutionOf(conflict))
  return merged
}

function resolve(merged: GroundTruth | null, conflict: Conflict, resolution: Resolution): GroundTruth | null {
  const { kind, assetId, sides } = conflict
  const before = merged ?? { assetId, annotations: [], tags: [], metadata: {} }
  if ('annotations' in resolution)
    return { ...before, annotations: [...before.annotations, ...resolution.annotations] }
  if (kind === 'ASSET') return unite(assetId, chosenSides(sides, resolution.take))
  if (kind === 'ANNOTATION')
    return { ...before, annotations: [...before.annotations, ...chosenSides(sides, resolution.take)] }
  const [value] = chosenSides(conflict.sides, resolution.take)
  return value === undefined
    ? before
    : { ...before, metadata: { ...before.metadata, [conflict.name]: value } }
}

function unite(assetId: string, opinions: readonly GroundTruth[]): GroundTruth | null {
  if (opinions.length === 0) return null
  const annotations = opinions.map((opinion) => opinion.annotations).reduce(uniteAnnotations)
  return { assetId, annotations, ...uniteFacts(opinions) }
}

/** Two equal conflicts of an asset (of two equal boxes) get different keys. */
function keyed(conflicts: readonly Conflict[]): KeyedConflict[] {
  const times = new Map<string, number>()
  return conflicts.map((conflict) => {
    const key = conflictKey(conflict)
    const time = times.get(key) ?? 0
    times.set(key, time + 1)
    return { ...conflict, key: time === 0 ? key : `${key}-${time}` }
  })
}

interface Merged<Settled, Conflicting> {
  readonly settled: Settled
  readonly conflicts: readonly Conflicting[]
}

function mergeAnnotations(
  base: readonly Annotation[],
  ours: readonly Annotation[],
  theirs: readonly Annotation[],
): Merged<readonly Annotation[], Sides<Annotation>> {
  const [our, their] = [matchAnnotations(base, ours), matchAnnotations(base, theirs)]
  const [ourOf, theirOf] = [new Map(our.pairs), new Map(their.pairs)]
  const settled: Annotation[] = []
  const conflicts: Sides<Annotation>[] = []
  for (const one of base) {
    const sides = { base: one, ours: ourOf.get(one) ?? null, theirs: theirOf.get(one) ?? null }
    const kept = settle(sides, isSame)
    if (kept === 'conflict') conflicts.push(sides)
    else if (kept) settled.push(kept)
  }
  const added = mergeAdded(matchAnnotations(our.onlySecond, their.onlySecond))
  return { settled: [...settled, ...added.settled], conflicts: [...conflicts, ...added.conflicts] }
}

function mergeAdded({
  pairs,
  onlyFirst,
  onlySecond,
}: Matching): Merged<readonly Annotation[], Sides<Annotation>> {
  const agreed = pairs.filter(([ours, theirs]) => sayTheSame(ours, theirs))
  const conflicts = pairs
    .filter(([ours, theirs]) => !sayTheSame(ours, theirs))
    .map(([ours, theirs]) => ({ base: null, ours, theirs }))
  return { settled: [...agreed.map(([ours]) => ours), ...onlyFirst, ...onlySecond], conflicts }
}

function mergeMetadata(
  base: GroundTruth['metadata'],
  ours: GroundTruth['metadata'],
  theirs: GroundTruth['metadata'],
): Merged<Record<string, string>, { name: string; sides: Sides<string> }> {
  const settled: Record<string, string> = {}
  const conflicts: { name: string; sides: Sides<string> }[] = []
  for (const name of new Set([...Object.keys(ours), ...Object.keys(theirs)])) {
    const sides = { base: base[name] ?? null, ours: ours[name] ?? null, theirs: theirs[name] ?? null }
    const kept = settle(sides, (one, other) => one === other)
    if (kept === 'conflict') conflicts.push({ name, sides })
    else if (kept !== null) settled[name] = kept
  }
  return { settled, conflicts }
}

function mergeTags(base: readonly string[], ours: readonly string[], theirs: readonly string[]): string[] {
  return [...new Set([...ours, ...theirs])].filter((tag) => {
    const isKept = ours.includes(tag) && theirs.includes(tag)
    return isKept || !base.includes(tag) // on one side only: added there, or removed on the other
  })
}

/** What one side made of a thing that the other left alone, or both alike; else 'conflict'. */
function settle<Value>(
  { base, ours, theirs }: Sides<Value>,
  isEqual: (one: Value | null, other: Value | null) => boolean,
): Value | null | 'conflict' {
  if (isEqual(ours, theirs)) return ours
  if (isEqual(base, ours)) return theirs
  if (isEqual(base, theirs)) return ours
  return 'conflict'
}

function isSame(one: Annotation | null, other: Annotation | null): boolean {
  return one === null || other === null ? one === other : sayTheSame(one, other)
}
