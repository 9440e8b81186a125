import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { IterationSettings, IterationStart } from './iteration.ts'
import type { RoundRecord } from './record.ts'
import type { StepName, StepState } from './step.ts'

@Entity('iteration')
export class IterationRow {
  @PrimaryColumn({ type: 'uuid' })
  id!: string

  @Column({ type: 'uuid', name: 'project_id' })
  projectId!: string

  /** 1 for the first of the project; a branch counts on from where it begins. */
  @Column({ type: 'integer' })
  round!: number

  /** The plan that runs it; null: people do. */
  @Column({ type: 'uuid', name: 'plan_id', nullable: true })
  planId!: string | null

  /** The plan that branched off the project's own rounds, when it is one of its rounds. */
  @Column({ type: 'uuid', name: 'branch_id', nullable: true })
  branchId!: string | null

  @Column({ type: 'jsonb' })
  settings!: IterationSettings

  @Column({ type: 'jsonb' })
  start!: IterationStart

  /** What the round brought and cost; null until it has ended and that is known. */
  @Column({ type: 'jsonb', nullable: true })
  record!: RoundRecord | null

  @Column({ type: 'text', name: 'created_by' })
  createdBy!: string

  @Column({ type: 'timestamptz', precision: 3, name: 'created_at', default: () => 'now()' })
  createdAt!: Date
}

@Entity('iteration_step')
export class IterationStepRow {
  @PrimaryColumn({ type: 'uuid', name: 'iteration_id' })
  iterationId!: string

  @PrimaryColumn({ type: 'text' })
  name!: StepName

  @Column({ type: 'text' })
  state!: StepState

  /** What it makes: a dataset version (PREPARE, MERGE), mining task, labelling task or model. */
  @Column({ type: 'uuid', name: 'output_id', nullable: true })
  outputId!: string | null

  /** The dataset version in the end, of every step but TRAIN. */
  @Column({ type: 'uuid', name: 'version_id', nullable: true })
  versionId!: string | null

  @Column({ type: 'integer', name: 'asset_count', nullable: true })
  assetCount!: number | null

  /** mAP at IoU 0.5 of the model trained, 0 to 1. */
  @Column({ type: 'double precision', nullable: true })
  map50!: number | null

  /** What it was run with over the iteration's settings. */
  @Column({ type: 'jsonb', default: {} })
  parameters!: Record<string, unknown>

  @Column({ type: 'text', nullable: true })
  problem!: string | null

  @Column({ type: 'timestamptz', precision: 3, name: 'started_at', nullable: true })
  startedAt!: Date | null

  @Column({ type: 'timestamptz', precision: 3, name: 'finished_at', nullable: true })
  finishedAt!: Date | null
}
