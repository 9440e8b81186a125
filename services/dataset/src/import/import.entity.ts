import { Directive, Field, Float, ID, Int, ObjectType, registerEnumType } from 'type-graphql'
import { Column, Entity, PrimaryColumn } from 'typeorm'
import { GraphQLDateTime } from '@ymir/graphql'
import type { FormatName } from '../format/format.ts'
import { type Advance, ImportPhase } from './advance.ts'
import { type ImportPolicy, ImportState } from './policy.ts'
import type { Report } from './report.ts'
import type { ImportSource } from './source.ts'

registerEnumType(ImportState, {
  name: 'ImportState',
  description: 'REFUSED: the archive is at fault, the report says where. FAILED: we are.',
})

registerEnumType(ImportPhase, {
  name: 'ImportPhase',
  description:
    'FETCHING: from the URL. IMPORTING: checking and storing images. COMPLETING: making the version.',
})

@ObjectType({ description: 'How far an import has come.' })
class ImportAdvance implements Advance {
  @Field(() => ImportPhase)
  phase!: keyof typeof ImportPhase

  @Field(() => Int)
  doneImages!: number

  @Field(() => Int, { description: '0 while they are not counted.' })
  imageCount!: number

  @Field(() => Float)
  doneBytes!: number

  @Field(() => Float, {
    description: 'Of all images, or of the file that is fetched; 0 when nobody can tell.',
  })
  byteCount!: number

  @Field(() => Int, { nullable: true, description: 'At the speed so far.' })
  remainingSeconds!: number | null
}

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

  @Column({ type: 'jsonb' })
  source!: ImportSource

  @Column({ type: 'jsonb' })
  policy!: ImportPolicy

  /** Asked for instead of what is recognised. */
  @Column({ type: 'text', nullable: true })
  format!: FormatName | null

  @Field(() => ImportState)
  @Column({ type: 'text' })
  state!: ImportState

  @Field(() => Float, { description: '0 to 1; of an import from an address the first half is fetching.' })
  @Column({ type: 'float8' })
  progress!: number

  @Field(() => ImportAdvance, { nullable: true, description: 'While it is running.' })
  @Column({ type: 'jsonb', nullable: true })
  advance!: Advance | null

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
