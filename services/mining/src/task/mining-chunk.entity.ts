import { Column, Entity, PrimaryColumn } from 'typeorm'

/** A part of a mining task's version that a job scores, or has scored. */
@Entity('mining_chunk')
export class MiningChunkRow {
  @PrimaryColumn({ type: 'uuid', name: 'mining_task_id' })
  miningTaskId!: string

  /** From 0. */
  @PrimaryColumn({ type: 'integer' })
  number!: number

  @Column({ type: 'uuid', name: 'job_id' })
  jobId!: string

  /** All scores of the job, as JSON Lines; there once the job succeeded. */
  @Column({ type: 'text', name: 'scores_sha256', nullable: true })
  scoresSha256!: string | null

  @Column({ type: 'text', name: 'predictions_sha256', nullable: true })
  predictionsSha256!: string | null

  /** What the image told beside its scores. */
  @Column({ type: 'text', name: 'details_sha256', nullable: true })
  detailsSha256!: string | null
}
