import { GraphQLDateTime } from '@ymir/graphql'
import { Ctx, Field, Float, ObjectType, Query, Resolver } from 'type-graphql'
import type { DatasetContext } from '../context.ts'
import { BlobAmount } from './storage.resolver.ts'
import type { Usage } from './usage.ts'

@ObjectType('StorageUsage', { description: 'How much the workspace takes.' })
class UsageType implements Usage {
  @Field(() => BlobAmount, { description: 'Images of datasets, each once.' })
  images!: BlobAmount

  @Field(() => BlobAmount, {
    nullable: true,
    description:
      'Other files: of models, predictions and manifests. Null while a large store is still being counted: ask again later.',
  })
  others!: BlobAmount | null

  @Field(() => Float, { description: 'Of the whole database, bytes.' })
  databaseBytes!: number

  @Field(() => Float, {
    nullable: true,
    description: 'On the disk on which images and other files lie, bytes. Null when they are in a bucket.',
  })
  freeBytes!: number | null

  @Field(() => GraphQLDateTime, { description: 'Measured once a minute at most.' })
  measuredAt!: Date
}

@Resolver()
export class UsageResolver {
  @Query(() => UsageType, { description: 'How much the workspace takes. For administrators.' })
  storageUsage(@Ctx() { access, usage }: DatasetContext): Promise<Usage> {
    access.requireAdministrator()
    return usage.read()
  }
}
