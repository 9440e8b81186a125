import { Column, Entity, PrimaryColumn } from 'typeorm'

export type InferenceState = 'RUNNING' | 'SUCCEEDED' | 'FAILED'

/** An uploaded photo; its bytes lie in the blob store. */
export interface Photo {
  readonly sha256: string
  /** Bytes. */
  readonly size: number
  readonly name: string
  /** Pixels. */
  readonly width: number
  readonly height: number
}

@Entity('inference')
export class InferenceRow {
  @PrimaryColumn({ type: 'uuid' })
  id!: string

  @Column({ type: 'uuid', name: 'project_id' })
  projectId!: string

  @Column({ type: 'uuid', name: 'stage_id' })
  stageId!: string

  @Column({ type: 'uuid', name: 'job_id' })
  jobId!: string

  @Column({ type: 'text' })
  state!: InferenceState

  @Column({ type: 'text', nullable: true })
  problem!: string | null

  @Column({ type: 'jsonb' })
  photos!: Photo[]

  @Column({ type: 'text', name: 'predictions_sha256', nullable: true })
  predictionsSha256!: string | null

  @Column({ type: 'text', name: 'created_by' })
  createdBy!: string

  @Column({ type: 'timestamptz', precision: 3, name: 'created_at', default: () => 'now()' })
  createdAt!: Date

  @Column({ type: 'timestamptz', precision: 3, name: 'finished_at', nullable: true })
  finishedAt!: Date | null
}
