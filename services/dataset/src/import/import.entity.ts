import { Directive, Field, Float, ID, ObjectType, registerEnumType } from 'type-graphql'
import { Column, Entity, PrimaryColumn } from 'typeorm'
import { GraphQLDateTime } from '@ymir/graphql'
import { type ImportPolicy, ImportState } from './policy.ts'
import type { Report } from './report.ts'

registerEnumType(ImportState, {
  name: 'ImportState',
  description: 'REFUSED: the archive is at fault, the report says where. FAILED: we are.',
})

@Directive('@key(fields: "id")')
@ObjectType({ description: 'An archive on its way into a dataset. All of it becomes a version, or nothing.' })
@Entity('imports')
export class Import {
  @Field(() => ID)
  @PrimaryColumn({ type: 'uuid' })
  id!: string

  @Column({ type: 'uuid', name: 'project_id' })
  projectId!: string

  @Column({ type: 'uuid', name: 'dataset_id' })
  datasetId!: string

  @Column({ type: 'text', name: 'upload_id' })
  uploadId!: string

  @Column({ type: 'jsonb' })
  policy!: ImportPolicy

  @Field(() => ImportState)
  @Column({ type: 'text' })
  state!: ImportState

  @Field(() => Float, { description: '0 to 1.' })
  @Column({ type: 'float8' })
  progress!: number

  @Column({ type: 'uuid', name: 'version_id', nullable: true })
  versionId!: string | null

  @Field(() => String, { nullable: true, description: 'Why it was refused or failed, and what to do.' })
  @Column({ type: 'text', nullable: true })
  problem!: string | null

  @Column({ type: 'jsonb', name: 'report', nullable: true })
  found!: Report | null

  @Field(() => GraphQLDateTime)
  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  createdAt!: Date

  @Field(() => GraphQLDateTime, { nullable: true })
  @Column({ type: 'timestamptz', name: 'finished_at', precision: 3, nullable: true })
  finishedAt!: Date | null

  @Column({ type: 'uuid', name: 'created_by' })
  createdById!: string
}
