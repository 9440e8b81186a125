import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql'
import { matchAnnotations, sayTheSame } from '../annotation/match.ts'
import type { AssetEntry } from '../asset/entry.store.ts'
import { Annotation, Asset, assetOf } from '../asset/asset.type.ts'
import type { Statistics } from '../page/statistics.ts'
import { type Change, ChangeKind, placeOf } from './diff.ts'
import type { DatasetVersion } from './version.entity.ts'

registerEnumType(ChangeKind, { name: 'DatasetChangeKind' })

@ObjectType({ description: 'How often a label occurs in two versions.' })
export class LabelChange {
  @Field(() => String)
  label!: string

  @Field(() => Int)
  fromAnnotationCount!: number

  @Field(() => Int)
  toAnnotationCount!: number

  @Field(() => Int, { description: 'Assets with at least one such annotation.' })
  fromAssetCount!: number

  @Field(() => Int)
  toAssetCount!: number
}

@ObjectType({ description: 'One object as two versions have it.' })
class AnnotationChange {
  @Field(() => Annotation)
  from!: Annotation

  @Field(() => Annotation)
  to!: Annotation
}

@ObjectType({ description: 'An asset that is different in two versions.' })
export class DatasetChange {
  @Field(() => ID)
  assetId!: string

  @Field(() => ChangeKind)
  kind!: Change['kind']

  @Field(() => Asset, { nullable: true, description: 'As the first version has it.' })
  from!: Asset | null

  @Field(() => Asset, { nullable: true, description: 'As the second version has it.' })
  to!: Asset | null

  @Field(() => [Annotation])
  addedAnnotations!: Annotation[]

  @Field(() => [Annotation])
  removedAnnotations!: Annotation[]

  @Field(() => [AnnotationChange], {
    description:
      'Boxes that are one object in both: of a label that overlap by 0.5 (IoU) or more, or of two labels that overlap by 0.9.',
  })
  changedAnnotations!: AnnotationChange[]

  @Field(() => [String])
  addedTags!: string[]

  @Field(() => [String])
  removedTags!: string[]

  @Field(() => [String], { description: 'Keys whose values are different.' })
  changedMetadataKeys!: string[]

  /** For cursors. */
  place!: number
}

/** @param entries the entries that the change names, by serial */
export function changeOf(
  change: Change,
  entries: ReadonlyMap<number, AssetEntry>,
  versionIds: { readonly from: string; readonly to: string },
): DatasetChange {
  const from = 'from' in change ? entries.get(change.from)! : null
  const to = 'to' in change ? entries.get(change.to)! : null
  const { pairs, onlyFirst, onlySecond } = matchAnnotations(from?.annotations ?? [], to?.annotations ?? [])
  const [oldTags, newTags] = [from?.tags ?? [], to?.tags ?? []]
  const [oldMetadata, newMetadata] = [from?.metadata ?? {}, to?.metadata ?? {}]
  return {
    assetId: (to ?? from)!.id, // one of them is there
    kind: change.kind,
    from: from && assetOf(from, versionIds.from),
    to: to && assetOf(to, versionIds.to),
    addedAnnotations: [...onlySecond],
    removedAnnotations: [...onlyFirst],
    changedAnnotations: pairs
      .filter(([one, other]) => !sayTheSame(one, other))
      .map(([one, other]) => ({ from: one, to: other })),
    addedTags: newTags.filter((tag) => !oldTags.includes(tag)),
    removedTags: oldTags.filter((tag) => !newTags.includes(tag)),
    changedMetadataKeys: [...new Set([...Object.keys(oldMetadata), ...Object.keys(newMetadata)])].filter(
      (key) => oldMetadata[key] !== newMetadata[key],
    ),
    place: placeOf(change),
  }
}

/** Labels whose counts are different, by name. */
export function labelChangesOf(from: DatasetVersion, to: DatasetVersion): LabelChange[] {
  const countOf = (counts: Statistics, label: string) =>
    counts.labels[label] ?? { annotationCount: 0, assetCount: 0 }
  const labels = new Set([...Object.keys(from.counts.labels), ...Object.keys(to.counts.labels)])
  return [...labels]
    .map((label) => {
      const [before, after] = [countOf(from.counts, label), countOf(to.counts, label)]
      return {
        label,
        fromAnnotationCount: before.annotationCount,
        toAnnotationCount: after.annotationCount,
        fromAssetCount: before.assetCount,
        toAssetCount: after.assetCount,
      }
    })
    .filter(
      (change) =>
        change.fromAnnotationCount !== change.toAnnotationCount ||
        change.fromAssetCount !== change.toAssetCount,
    )
    .sort((one, other) => one.label.localeCompare(other.label, 'en'))
}
