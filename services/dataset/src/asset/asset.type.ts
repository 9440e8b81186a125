import { Box } from '@ymir/graphql'
import { Field, Float, ID, Int, ObjectType, registerEnumType } from 'type-graphql'
import { AnnotationSourceKind } from '../annotation/annotation.ts'
import type { AssetEntry } from './entry.store.ts'

@ObjectType({ description: 'Which pixels of an image an object covers, as COCO writes it.' })
export class Mask {
  @Field(() => [Int], { description: 'Height and width of the image, pixels.' })
  size!: readonly number[]

  @Field(() => String, { description: "COCO's compressed run lengths, columns first, background first." })
  counts!: string
}

registerEnumType(AnnotationSourceKind, { name: 'AnnotationSourceKind' })

@ObjectType({ description: 'Who said first that an object is there.' })
export class AnnotationSource {
  @Field(() => AnnotationSourceKind)
  kind!: keyof typeof AnnotationSourceKind

  @Field(() => ID, { description: 'Of the import, the user, the model stage or the automatic labeller.' })
  id!: string
}

@ObjectType({ description: 'One object that a person, or an import, says is in an image.' })
export class Annotation {
  @Field(() => String)
  label!: string

  @Field(() => Box)
  box!: Box

  @Field(() => Boolean, { description: 'Hard to recognise.' })
  difficult!: boolean

  @Field(() => Boolean, { description: 'Reaches beyond the image or is partly hidden.' })
  truncated!: boolean

  @Field(() => Boolean, { description: 'One box around many objects.' })
  crowd!: boolean

  @Field(() => [[Float]], {
    nullable: true,
    description: "Outlines of the object's parts: x1, y1, x2, y2 ... in pixels.",
  })
  polygons?: readonly (readonly number[])[]

  @Field(() => Mask, { nullable: true })
  mask?: Mask

  @Field(() => Float, {
    nullable: true,
    description: 'How far the box is turned about its middle, clockwise, radians.',
  })
  rotation?: number

  @Field(() => Float, { nullable: true, description: 'How well the box fits, 0 to 1, when its source says.' })
  quality?: number

  @Field(() => AnnotationSource, { nullable: true, description: 'Null when it was not written down.' })
  source?: AnnotationSource
}

@ObjectType({ description: 'A key of the user’s own with its value, e.g. camera: 3.' })
export class MetadataEntry {
  @Field(() => String)
  key!: string

  @Field(() => String)
  value!: string
}

@ObjectType({ description: 'An image as a dataset version has it, with its ground truth there.' })
export class Asset {
  @Field(() => ID, { description: 'SHA-256 of its bytes.' })
  id!: string

  @Field(() => String, { description: 'jpg, png or webp.' })
  format!: string

  @Field(() => Int)
  width!: number

  @Field(() => Int)
  height!: number

  @Field(() => Float, { description: 'Bytes.' })
  size!: number

  @Field(() => String, { description: 'Path of the image at the gateway.' })
  url!: string

  @Field(() => String, { description: 'Path of a small image at the gateway; add ?size= for another size.' })
  thumbnailUrl!: string

  @Field(() => [Annotation])
  annotations!: Annotation[]

  @Field(() => [String], { description: 'Words for the whole image, e.g. blurred, in order.' })
  tags!: string[]

  @Field(() => [MetadataEntry], { description: 'By key.' })
  metadata!: MetadataEntry[]

  /** For cursors. */
  serial!: number

  /** The version in which it was looked at. */
  versionId!: string
}

export function assetOf({ annotations, tags, metadata, ...entry }: AssetEntry, versionId: string): Asset {
  return {
    ...entry,
    versionId,
    url: `/files/assets/${versionId}/${entry.id}`,
    thumbnailUrl: `/files/thumbnails/${versionId}/${entry.id}`,
    annotations: annotations.map((annotation) => ({ ...annotation })),
    tags: [...tags],
    metadata: entriesByKey(metadata),
  }
}

/** PostgreSQL gives the keys of an object back in an order of its own. */
export function entriesByKey(values: Readonly<Record<string, string>>): MetadataEntry[] {
  const sorted = Object.entries(values).sort(([one], [other]) => (one < other ? -1 : 1))
  return sorted.map(([key, value]) => ({ key, value }))
}
