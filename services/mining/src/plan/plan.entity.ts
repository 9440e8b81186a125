import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { IterationSettings } from '../iteration/iteration.ts'
import type { StepName } from '../iteration/step.ts'
import type { PlanCause, PlanState } from './plan.ts'
import type { StopRule } from './stop-rule.ts'

@Entity('plan')
export class PlanRow {
  @PrimaryColumn({ type: 'uuid' })
  id!: string

  @Column({ type: 'uuid', name: 'project_id' })
  projectId!: string

  @Column({ type: 'text' })
  name!: string

  /** The plan from whose start it branches off; null: it goes on with the project's own rounds. */
  @Column({ type: 'uuid', name: 'branch_of', nullable: true })
  branchOf!: string | null

  /** What its next rounds are done with. */
  @Column({ type: 'jsonb' })
  settings!: IterationSettings

  @Column({ type: 'jsonb', name: 'stop_rule' })
  stopRule!: StopRule

  /** Steps before which it waits for a person. */
  @Column({ type: 'text', array: true })
  gates!: StepName[]

  @Column({ type: 'text' })
  state!: PlanState

  /** Why it is in this state; null while it runs, and where only the words below were kept. */
  @Column({ type: 'text', nullable: true })
  cause!: PlanCause | null

  /** The same in words; null while it runs. */
  @Column({ type: 'text', nullable: true })
  reason!: string | null

  /** How many rounds it may begin before it pauses; null: until its rule stops it. */
  @Column({ type: 'integer', name: 'rounds_to_go', nullable: true })
  roundsToGo!: number | null

  @Column({ type: 'text', name: 'created_by' })
  createdBy!: string

  @Column({ type: 'timestamptz', precision: 3, name: 'created_at', default: () => 'now()' })
  createdAt!: Date

  /** When it was STOPPED or CANCELLED. */
  @Column({ type: 'timestamptz', precision: 3, name: 'finished_at', nullable: true })
  finishedAt!: Date | null
}
