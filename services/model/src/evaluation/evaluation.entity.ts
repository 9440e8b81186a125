import type { CocoEvaluation } from '@ymir/detection'
import { Column, Entity, PrimaryColumn } from 'typeorm'

export type EvaluationState = 'RUNNING' | 'SUCCEEDED' | 'FAILED'

@Entity('evaluation')
export class EvaluationRow {
  @PrimaryColumn({ type: 'uuid' })
  id!: string

  @Column({ type: 'uuid', name: 'project_id' })
  projectId!: string

  @Column({ type: 'uuid', name: 'stage_id' })
  stageId!: string

  @Column({ type: 'uuid', name: 'version_id' })
  versionId!: string

  /** The inference that gives its predictions. */
  @Column({ type: 'uuid', name: 'job_id' })
  jobId!: string

  /** Whether a training waits for it. */
  @Column({ type: 'boolean', name: 'of_training' })
  ofTraining!: boolean

  @Column({ type: 'text' })
  state!: EvaluationState

  @Column({ type: 'text', nullable: true })
  problem!: string | null

  /** There once the inference succeeded. */
  @Column({ type: 'text', name: 'predictions_sha256', nullable: true })
  predictionsSha256!: string | null

  @Column({ type: 'double precision', nullable: true })
  map50!: number | null

  @Column({ type: 'double precision', nullable: true })
  map!: number | null

  @Column({ type: 'jsonb', nullable: true })
  result!: CocoEvaluation | null

  @Column({ type: 'text', name: 'created_by' })
  createdBy!: string

  @Column({ type: 'timestamptz', precision: 3, name: 'created_at', default: () => 'now()' })
  createdAt!: Date

  @Column({ type: 'timestamptz', precision: 3, name: 'finished_at', nullable: true })
  finishedAt!: Date | null
}
