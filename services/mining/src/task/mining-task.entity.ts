import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { ClassShare } from '../strategy/budget.ts'
import type { DuplicateLimits } from '../strategy/duplicates.ts'
import type { StrategyName } from '../strategy/strategies.ts'
import { type ScoreAggregate, usualTopCount } from '../strategy/uncertainty.ts'
import type { JobOfChunk, MiningTaskState } from './mining-task.ts'
import type { WeightedStrategy } from './ranking.ts'
import type { Reason } from './reason.ts'

@Entity('mining_task')
export class MiningTaskRow {
  @PrimaryColumn({ type: 'uuid' })
  id!: string

  @Column({ type: 'uuid', name: 'project_id' })
  projectId!: string

  /** The iteration whose MINE step it is. */
  @Column({ type: 'uuid', name: 'iteration_id', nullable: true })
  iterationId!: string | null

  /** At work on the latest chunk, or the last one. */
  @Column({ type: 'uuid', name: 'job_id' })
  jobId!: string

  /** What each chunk's job is asked for. */
  @Column({ type: 'jsonb', name: 'job_request' })
  jobRequest!: JobOfChunk

  @Column({ type: 'integer', name: 'chunk_count' })
  chunkCount!: number

  /** How many of them are scored. */
  @Column({ type: 'integer', name: 'chunks_done' })
  chunksDone!: number

  @Column({ type: 'uuid', name: 'version_id' })
  versionId!: string

  @Column({ type: 'uuid', name: 'stage_id' })
  stageId!: string

  @Column({ type: 'uuid', name: 'executor_image_id' })
  executorImageId!: string

  @Column({ type: 'text' })
  strategy!: StrategyName

  /** Of a hybrid, instead of `strategy`; else empty. */
  @Column({ type: 'jsonb', default: [] })
  strategies!: readonly WeightedStrategy[]

  @Column({ type: 'text' })
  aggregate!: ScoreAggregate

  @Column({ type: 'integer', name: 'aggregate_count', default: usualTopCount })
  aggregateCount!: number

  @Column({ type: 'double precision', name: 'score_without_detections', default: 0 })
  scoreWithoutDetections!: number

  @Column({ type: 'integer', name: 'top_k' })
  topK!: number

  /** Boxes that the model expects in what is taken, at most. */
  @Column({ type: 'integer', name: 'budget_boxes', nullable: true })
  budgetBoxes!: number | null

  @Column({ type: 'jsonb', name: 'min_share', default: [] })
  minShare!: readonly ClassShare[]

  /** What counts as the same; null: duplicates may be taken. */
  @Column({ type: 'jsonb', name: 'duplicate_limits', nullable: true })
  duplicateLimits!: DuplicateLimits | null

  @Column({ type: 'boolean' })
  annotate!: boolean

  @Column({ type: 'integer' })
  seed!: number

  @Column({ type: 'uuid', array: true, name: 'excluded_version_ids' })
  excludedVersionIds!: string[]

  @Column({ type: 'boolean', name: 'exclude_mined' })
  excludeMined!: boolean

  @Column({ type: 'text', name: 'result_dataset_name' })
  resultDatasetName!: string

  @Column({ type: 'text' })
  state!: MiningTaskState

  @Column({ type: 'text', nullable: true })
  problem!: string | null

  /** The predictions on the mined assets alone, as JSON Lines. */
  @Column({ type: 'jsonb', name: 'mined_predictions', nullable: true })
  minedPredictions!: { sha256: string; size: number } | null

  /** Chosen before the dataset service makes it. */
  @Column({ type: 'uuid', name: 'result_version_id' })
  resultVersionId!: string

  @Column({ type: 'text', name: 'created_by' })
  createdBy!: string

  @Column({ type: 'timestamptz', precision: 3, name: 'created_at', default: () => 'now()' })
  createdAt!: Date

  @Column({ type: 'timestamptz', precision: 3, name: 'finished_at', nullable: true })
  finishedAt!: Date | null
}

@Entity('mined_asset')
export class MinedAssetRow {
  @PrimaryColumn({ type: 'uuid', name: 'mining_task_id' })
  miningTaskId!: string

  /** 1 for the asset from which the model would learn most. */
  @PrimaryColumn({ type: 'integer' })
  rank!: number

  @Column({ type: 'text', name: 'asset_id' })
  assetId!: string

  @Column({ type: 'double precision' })
  score!: number

  /** Null of what was mined before reasons were kept. */
  @Column({ type: 'jsonb', nullable: true })
  reason!: Reason | null
}
