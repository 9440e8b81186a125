import type { BlobRef } from '@ymir/blobs'
import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { LabellingTaskState } from './state.ts'

/** What a model says of the images, as JSON Lines. */
export interface PreAnnotations extends BlobRef {
  /** The model's stage, when it is known. */
  readonly stageId?: string
}

@Entity('labelling_tasks')
export class LabellingTaskRow {
  @PrimaryColumn({ type: 'uuid' })
  id!: string

  @Column({ type: 'uuid', name: 'project_id' })
  projectId!: string

  /** Also the name of the dataset that gets the result. */
  @Column({ type: 'text' })
  name!: string

  /** The version to label. */
  @Column({ type: 'uuid', name: 'version_id' })
  versionId!: string

  @Column({ type: 'text', array: true })
  classes!: string[]

  @Column({ type: 'boolean', name: 'keep_annotations' })
  keepAnnotations!: boolean

  /** Whether somebody accepts each image before it counts. */
  @Column({ type: 'boolean' })
  review!: boolean

  /** Null: people answer. */
  @Column({ type: 'uuid', name: 'automatic_labeller_id', nullable: true })
  automaticLabellerId!: string | null

  /** Null: people, or an automatic labeller. */
  @Column({ type: 'uuid', name: 'vendor_id', nullable: true })
  vendorId!: string | null

  /** For how long a vendor may send nothing before that is reported. */
  @Column({ type: 'integer', name: 'stuck_after_seconds' })
  stuckAfterSeconds!: number

  /** When its vendor was last told to work, or last sent something; null: it has none. */
  @Column({ type: 'timestamptz', precision: 3, name: 'waiting_since', nullable: true })
  waitingSince!: Date | null

  /** When it was reported that nothing comes. */
  @Column({ type: 'timestamptz', precision: 3, name: 'stuck_since', nullable: true })
  stuckSince!: Date | null

  @Column({ type: 'jsonb', nullable: true })
  predictions!: PreAnnotations | null

  /** Whose images are mixed in with known answers; null: none. */
  @Column({ type: 'uuid', name: 'gold_version_id', nullable: true })
  goldVersionId!: string | null

  /** Gold images: at most so many until the images are read, then those that there are. */
  @Column({ type: 'integer', name: 'gold_count' })
  goldCount!: number

  /** Share of the images that are answered twice, 0 to 1. */
  @Column({ type: 'double precision' })
  overlap!: number

  /** Where gold images and second copies stand follows from it: not from the id, which labellers know. */
  @Column({ type: 'bigint', name: 'mixing_seed', nullable: true })
  mixingSeed!: string | null

  @Column({ type: 'text' })
  state!: LabellingTaskState

  @Column({ type: 'text', nullable: true })
  problem!: string | null

  /** Null until the images of the version are read. */
  @Column({ type: 'integer', name: 'item_count', nullable: true })
  itemCount!: number | null

  /** Chosen before the dataset service makes it; a new one each time the task is stored. */
  @Column({ type: 'uuid', name: 'result_version_id', nullable: true })
  resultVersionId!: string | null

  @Column({ type: 'boolean', name: 'result_requested' })
  resultRequested!: boolean

  /** Empty when the platform itself asked. */
  @Column({ type: 'text', name: 'created_by' })
  createdBy!: string

  @Column({ type: 'timestamptz', precision: 3, name: 'created_at', default: () => 'now()' })
  createdAt!: Date

  @Column({ type: 'timestamptz', precision: 3, name: 'finished_at', nullable: true })
  finishedAt!: Date | null
}
