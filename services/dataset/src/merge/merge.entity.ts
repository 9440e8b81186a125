import { GraphQLDateTime } from '@ymir/graphql'
import { Directive, Field, ID, ObjectType, registerEnumType } from 'type-graphql'
import { Column, Entity, PrimaryColumn } from 'typeorm'

export const MergeState = { OPEN: 'OPEN', MERGED: 'MERGED', ABANDONED: 'ABANDONED' } as const
export type MergeState = keyof typeof MergeState
registerEnumType(MergeState, {
  name: 'MergeState',
  description: 'OPEN: has conflicts to settle. MERGED: became a version. ABANDONED: will not.',
})

@Directive('@key(fields: "id")')
@ObjectType({ description: 'A three-way merge of two versions, with what is in conflict between them.' })
@Entity('merges')
export class Merge {
  @Field(() => ID)
  @PrimaryColumn({ type: 'uuid' })
  id!: string

  @Column({ type: 'uuid', name: 'project_id' })
  projectId!: string

  @Column({ type: 'uuid', name: 'dataset_id' })
  datasetId!: string

  @Column({ type: 'uuid', name: 'ours_id' })
  oursId!: string

  @Column({ type: 'uuid', name: 'theirs_id' })
  theirsId!: string

  @Column({ type: 'uuid', name: 'base_id' })
  baseId!: string

  @Field(() => MergeState)
  @Column({ type: 'text' })
  state!: MergeState

  @Field(() => String, { nullable: true })
  @Column({ type: 'text', nullable: true })
  note!: string | null

  @Column({ type: 'uuid', name: 'version_id', nullable: true })
  versionId!: string | null

  @Field(() => GraphQLDateTime)
  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  createdAt!: Date

  @Column({ type: 'text', name: 'created_by' })
  createdById!: string

  @Field(() => GraphQLDateTime, { nullable: true })
  @Column({ type: 'timestamptz', name: 'finished_at', precision: 3, nullable: true })
  finishedAt!: Date | null
}
