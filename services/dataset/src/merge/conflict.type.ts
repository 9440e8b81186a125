import { Field, ID, ObjectType, registerEnumType } from 'type-graphql'
import { Annotation } from '../asset/asset.type.ts'
import { ConflictKind, type Resolution, Take } from './conflict.ts'
import type { StoredConflict } from './merge.store.ts'

registerEnumType(ConflictKind, {
  name: 'MergeConflictKind',
  description:
    'ANNOTATION: both sides changed a box, or one changed and the other removed it. ASSET: one side changed the asset and the other removed it. METADATA: both sides gave a key different values.',
})
registerEnumType(Take, {
  name: 'MergeTake',
  description: 'Whose opinion counts. BOTH: ours and theirs. NONE: it is left out.',
})

@ObjectType({ description: 'What one version has where two are in conflict.' })
export class MergeSide {
  @Field(() => [Annotation], { description: 'One for a box, all of the asset for an asset.' })
  annotations!: Annotation[]

  @Field(() => String, { nullable: true, description: 'Of the metadata key in conflict.' })
  value!: string | null
}

@ObjectType({ description: 'Something that both sides of a merge changed, each in its own way.' })
export class MergeConflict {
  @Field(() => ID)
  id!: string

  @Field(() => ConflictKind)
  kind!: keyof typeof ConflictKind

  @Field(() => ID)
  assetId!: string

  @Field(() => String, { nullable: true, description: 'The metadata key in conflict.' })
  metadataKey!: string | null

  @Field(() => MergeSide, { nullable: true, description: 'Null: it was not there yet.' })
  base!: MergeSide | null

  @Field(() => MergeSide, { nullable: true, description: 'Null: removed.' })
  ours!: MergeSide | null

  @Field(() => MergeSide, { nullable: true, description: 'Null: removed.' })
  theirs!: MergeSide | null

  @Field(() => Boolean)
  isResolved!: boolean

  @Field(() => Take, { nullable: true, description: 'How it was settled, when by a side.' })
  take!: Take | null

  @Field(() => [Annotation], { nullable: true, description: 'How it was settled, when by others.' })
  annotations!: Annotation[] | null
}

export function conflictOf({ key, conflict, resolution }: StoredConflict): MergeConflict {
  const { kind, assetId, sides } = conflict
  return {
    ...{ id: key, kind, assetId, metadataKey: kind === 'METADATA' ? conflict.name : null },
    ...{ base: sideOf(sides.base), ours: sideOf(sides.ours), theirs: sideOf(sides.theirs) },
    isResolved: resolution !== null,
    ...settledBy(resolution),
  }
}

type AnySide = StoredConflict['conflict']['sides']['base']

function sideOf(side: AnySide): MergeSide | null {
  if (side === null) return null
  if (typeof side === 'string') return { annotations: [], value: side }
  return { annotations: 'annotations' in side ? [...side.annotations] : [side], value: null }
}

function settledBy(resolution: Resolution | null): Pick<MergeConflict, 'take' | 'annotations'> {
  if (resolution === null) return { take: null, annotations: null }
  if ('take' in resolution) return { take: resolution.take, annotations: null }
  return { take: null, annotations: [...resolution.annotations] }
}
