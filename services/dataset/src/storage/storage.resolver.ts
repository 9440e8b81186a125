import { GraphQLDateTime } from '@ymir/graphql'
import { Max, Min } from 'class-validator'
import { Arg, Ctx, Field, Float, InputType, Int, Mutation, ObjectType, Resolver } from 'type-graphql'
import type { DatasetContext } from '../context.ts'
import type { Collection } from './collection.ts'
import { usualGraceHours } from './daily.ts'

@InputType()
class CollectGarbageInput {
  @Field(() => Boolean, { description: 'Only say what would go.' })
  dryRun!: boolean

  @Min(1)
  @Max(24 * 365)
  @Field(() => Float, {
    defaultValue: usualGraceHours,
    description: 'How long nothing must have needed or written a file for it to go. At least 1.',
  })
  graceHours!: number
}

@ObjectType()
export class BlobAmount {
  @Field(() => Int)
  count!: number

  @Field(() => Float)
  bytes!: number
}

@ObjectType()
class UnreachableBlob {
  @Field(() => String)
  sha256!: string

  @Field(() => String, { description: 'IMAGE or MANIFEST.' })
  kind!: string

  @Field(() => Float, { description: 'Bytes.' })
  size!: number

  @Field(() => GraphQLDateTime, { description: 'When it was first found that nothing needs it.' })
  since!: Date
}

@ObjectType({ description: 'Stored bytes that no dataset version needs.' })
class CollectGarbagePayload {
  @Field(() => BlobAmount, { description: 'All of them, also those within the grace.' })
  unreachable!: BlobAmount

  @Field(() => BlobAmount, { description: 'What was removed; in a dry run what would have been.' })
  removed!: BlobAmount

  @Field(() => BlobAmount, {
    description: 'Due, but another service holds it or it was written again lately.',
  })
  kept!: BlobAmount

  @Field(() => Int, { description: 'Pages of versions that no version has any more.' })
  pageCount!: number

  @Field(() => [UnreachableBlob], { description: 'The first 100 of what was due.' })
  blobs!: UnreachableBlob[]
}

@Resolver()
export class StorageResolver {
  @Mutation(() => CollectGarbagePayload, {
    description:
      'Removes images that are in no dataset version, and manifests of deleted ones. Done every day by itself. For administrators.',
  })
  async collectGarbage(
    @Arg('input', () => CollectGarbageInput) { dryRun, graceHours }: CollectGarbageInput,
    @Ctx() { access, collection }: DatasetContext,
  ): Promise<CollectGarbagePayload> {
    access.requireAdministrator()
    const done = await (dryRun ? collection.preview(graceHours) : collection.collect(graceHours))
    return payloadOf(done)
  }
}

function payloadOf({ blobs, ...counts }: Collection): CollectGarbagePayload {
  return { ...counts, blobs: blobs.map((blob) => ({ ...blob })) }
}
