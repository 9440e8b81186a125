import { createHash } from 'node:crypto'
import { type Annotation, annotationKey, annotationSetOf } from '../annotation/annotation.ts'
import type { GroundTruth } from '../version/entries.ts'

/** One thing as three versions have it; null where a version does not. */
export interface Sides<Value> {
  readonly base: Value | null
  readonly ours: Value | null
  readonly theirs: Value | null
}

/** What both sides changed since the base, each in its own way; or changed on one side and removed on the other. */
export type Conflict =
  | { readonly kind: 'ASSET'; readonly assetId: string; readonly sides: Sides<GroundTruth> }
  | { readonly kind: 'ANNOTATION'; readonly assetId: string; readonly sides: Sides<Annotation> }
  | {
      readonly kind: 'METADATA'
      readonly assetId: string
      readonly name: string
      readonly sides: Sides<string>
    }

export const ConflictKind = { ASSET: 'ASSET', ANNOTATION: 'ANNOTATION', METADATA: 'METADATA' } as const

export const Take = { OURS: 'OURS', THEIRS: 'THEIRS', BASE: 'BASE', BOTH: 'BOTH', NONE: 'NONE' } as const
export type Take = keyof typeof Take

/** How a conflict is settled: by a side, or by annotations of one's own. */
export type Resolution = { readonly take: Take } | { readonly annotations: readonly Annotation[] }

/** Names a conflict in its merge: merging the same versions again gives the same keys. */
export function conflictKey(conflict: Conflict): string {
  const { kind, assetId, sides } = conflict
  const { base, ours, theirs } = sides
  const said = [base, ours, theirs].map(textOf)
  const name = kind === 'METADATA' ? conflict.name : ''
  return createHash('sha256')
    .update(JSON.stringify([kind, assetId, name, said]))
    .digest('hex')
    .slice(0, 32)
}

function textOf(side: GroundTruth | Annotation | string | null): string | null {
  if (side === null || typeof side === 'string') return side
  return 'annotations' in side ? annotationSetOf(side.annotations, side).hash : annotationKey(side)
}

/** What a resolution puts in the place of a conflict: nothing, or one or two of its sides. */
export function chosenSides<Value>({ base, ours, theirs }: Sides<Value>, take: Take): Value[] {
  const chosen: Readonly<Record<Take, readonly (Value | null)[]>> = {
    OURS: [ours],
    THEIRS: [theirs],
    BASE: [base],
    BOTH: [ours, theirs],
    NONE: [],
  }
  return chosen[take].filter((side) => side !== null)
}

/** Why a resolution does not fit a conflict, in words; undefined when it does. */
export function misfitOf({ kind }: Pick<Conflict, 'kind'>, resolution: Resolution): string | undefined {
  if (kind !== 'METADATA') return undefined
  if ('annotations' in resolution) return 'is about metadata and takes no annotations: give take'
  if (resolution.take === 'BOTH') return 'is about one metadata value: take OURS, THEIRS, BASE or NONE'
  return undefined
}
