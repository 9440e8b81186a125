import { Directive, Field, Float, ID, Int, ObjectType, registerEnumType } from 'type-graphql'
import { Column, Entity, PrimaryColumn } from 'typeorm'
import { GraphQLDateTime, GraphQLJSON } from '@ymir/graphql'
import type { Statistics } from '../page/statistics.ts'
import { DatasetOperation, type Operation } from './version.ts'

registerEnumType(DatasetOperation, { name: 'DatasetOperation', description: 'How a version was made.' })

@Directive('@key(fields: "id")')
@ObjectType({
  description:
    'A set of assets with their ground truth. Never changes. Remembers its parents and how it was made from them.',
})
@Entity('dataset_versions')
export class DatasetVersion {
  @Field(() => ID)
  @PrimaryColumn({ type: 'uuid' })
  id!: string

  @Column({ type: 'uuid', name: 'dataset_id' })
  datasetId!: string

  @Column({ type: 'uuid', name: 'project_id' })
  projectId!: string

  @Field(() => Int, { description: '1 for the first version of a dataset.' })
  @Column({ type: 'integer' })
  number!: number

  @Field(() => DatasetOperation)
  @Column({ type: 'text' })
  operation!: Operation

  @Field(() => GraphQLJSON, { description: 'What the operation was given, besides its parents.' })
  @Column({ type: 'jsonb' })
  parameters!: Record<string, unknown>

  @Field(() => Float, {
    nullable: true,
    description: 'Where chance was involved: the same seed chooses the same.',
  })
  @Column({ type: 'float8', nullable: true })
  seed!: number | null

  @Field(() => String, { nullable: true })
  @Column({ type: 'text', nullable: true })
  note!: string | null

  @Field(() => String, {
    description:
      'Hash of the content: versions of a workspace with equal roots hold equal assets and annotations, and the other way round.',
  })
  @Column({ type: 'text' })
  root!: string

  @Field(() => Int)
  @Column({ type: 'integer', name: 'asset_count' })
  assetCount!: number

  @Field(() => Int)
  @Column({ type: 'integer', name: 'annotation_count' })
  annotationCount!: number

  @Field(() => Int, { description: 'Assets without an annotation.' })
  @Column({ type: 'integer', name: 'negative_count' })
  negativeCount!: number

  @Column({ type: 'jsonb', name: 'statistics' })
  counts!: Statistics

  @Column({ type: 'text', name: 'manifest_sha256', nullable: true })
  manifestSha256!: string | null

  /** As a string: TypeORM keeps a bigint exact. */
  @Column({ type: 'bigint', name: 'manifest_size', nullable: true })
  manifestSize!: string | null

  @Field(() => GraphQLDateTime)
  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  createdAt!: Date

  @Column({ type: 'text', name: 'created_by' })
  createdById!: string
}
