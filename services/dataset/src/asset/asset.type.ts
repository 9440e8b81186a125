import { Box } from '@ymir/graphql'
import { Field, Float, ID, Int, ObjectType } from 'type-graphql'
import type { AssetEntry } from './entry.store.ts'

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

  /** For cursors. */
  serial!: number

  /** The version in which it was looked at. */
  versionId!: string
}

export function assetOf({ annotations, ...entry }: AssetEntry, versionId: string): Asset {
  return {
    ...entry,
    versionId,
    url: `/files/assets/${versionId}/${entry.id}`,
    thumbnailUrl: `/files/thumbnails/${versionId}/${entry.id}`,
    annotations: annotations.map((annotation) => ({ ...annotation })),
  }
}
