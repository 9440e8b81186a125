import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { ModelState, StageFile } from './model.ts'

@Entity('model')
export class ModelRow {
  @PrimaryColumn({ type: 'uuid' })
  id!: string

  @Column({ type: 'uuid', name: 'project_id' })
  projectId!: string

  @Column({ type: 'text' })
  name!: string

  @Column({ type: 'text' })
  state!: ModelState

  @Column({ type: 'text', nullable: true })
  problem!: string | null

  @Column({ type: 'uuid', name: 'job_id' })
  jobId!: string

  /** What it tells apart, in the order of its outputs. */
  @Column({ type: 'text', array: true })
  classes!: string[]

  @Column({ type: 'uuid', name: 'training_version_id' })
  trainingVersionId!: string

  @Column({ type: 'uuid', name: 'test_version_id' })
  testVersionId!: string

  @Column({ type: 'uuid', name: 'start_stage_id', nullable: true })
  startStageId!: string | null

  @Column({ type: 'uuid', name: 'executor_image_id' })
  executorImageId!: string

  /** Revision of the image that trained it, where images have such; what its stages are used with later. */
  @Column({ type: 'text', name: 'image_digest', nullable: true })
  imageDigest!: string | null

  @Column({ type: 'jsonb' })
  parameters!: Record<string, unknown>

  @Column({ type: 'integer', name: 'gpu_count' })
  gpuCount!: number

  @Column({ type: 'uuid', name: 'best_stage_id', nullable: true })
  bestStageId!: string | null

  /** mAP at IoU 0.5 of the best stage on the test version by the platform's evaluator, 0 to 1. */
  @Column({ type: 'double precision', nullable: true })
  map50!: number | null

  @Column({ type: 'text', name: 'created_by' })
  createdBy!: string

  @Column({ type: 'timestamptz', precision: 3, name: 'created_at', default: () => 'now()' })
  createdAt!: Date

  @Column({ type: 'timestamptz', precision: 3, name: 'finished_at', nullable: true })
  finishedAt!: Date | null
}

@Entity('model_stage')
export class ModelStageRow {
  @PrimaryColumn({ type: 'uuid' })
  id!: string

  @Column({ type: 'uuid', name: 'model_id' })
  modelId!: string

  @Column({ type: 'text' })
  name!: string

  /** mAP as the image reports it, 0 to 1. */
  @Column({ type: 'double precision', name: 'reported_map', nullable: true })
  reportedMap!: number | null

  @Column({ type: 'jsonb' })
  metrics!: Record<string, number>

  @Column({ type: 'jsonb' })
  files!: StageFile[]

  @Column({ type: 'boolean' })
  best!: boolean

  @Column({ type: 'timestamptz', precision: 3, name: 'saved_at' })
  savedAt!: Date
}
