import { GraphQLDateTime } from '@ymir/graphql'
import { Field, Float, ID, Int, ObjectType, registerEnumType } from 'type-graphql'
import { Column, Entity, PrimaryColumn } from 'typeorm'

export const PredictionSource = { IMPORT: 'IMPORT', MODEL: 'MODEL' } as const
registerEnumType(PredictionSource, {
  name: 'PredictionSource',
  description: 'IMPORT: files had them. MODEL: a model stage of this platform found them.',
})

@ObjectType({ description: 'What a model found in the images of a version. Never part of its ground truth.' })
@Entity('prediction_sets')
export class PredictionSet {
  @Field(() => ID)
  @PrimaryColumn({ type: 'uuid' })
  id!: string

  @Column({ type: 'uuid', name: 'version_id' })
  versionId!: string

  @Field(() => PredictionSource)
  @Column({ type: 'text', name: 'source_kind' })
  sourceKind!: keyof typeof PredictionSource

  @Field(() => ID, { description: 'Of the import or the model stage.' })
  @Column({ type: 'text', name: 'source_id' })
  sourceId!: string

  @Field(() => String, {
    name: 'sha256',
    description:
      'Of its file in the blob store: JSON Lines, one asset a line: {"assetId","predictions":[{"label","box":{"x","y","width","height"},"score"}]}.',
  })
  @Column({ type: 'text', name: 'blob_sha256' })
  blobSha256!: string

  /** As a string: TypeORM keeps a bigint exact. */
  @Field(() => Float, { name: 'size', description: 'Of that file, bytes.' })
  @Column({ type: 'bigint', name: 'blob_size' })
  blobSize!: string

  @Field(() => Int, { description: 'Images with a prediction.' })
  @Column({ type: 'integer', name: 'asset_count' })
  assetCount!: number

  @Field(() => Int)
  @Column({ type: 'integer', name: 'prediction_count' })
  predictionCount!: number

  @Field(() => GraphQLDateTime)
  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  createdAt!: Date
}
