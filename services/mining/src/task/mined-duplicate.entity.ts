import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Likeness } from '../strategy/duplicates.ts'

/** An asset that a mining task would have taken, had it not repeated another. */
@Entity('mined_duplicate')
export class MinedDuplicateRow {
  @PrimaryColumn({ type: 'uuid', name: 'mining_task_id' })
  miningTaskId!: string

  /** From 1, in the order in which they were found. */
  @PrimaryColumn({ type: 'integer' })
  number!: number

  @Column({ type: 'text', name: 'asset_id' })
  assetId!: string

  /** What it repeats. */
  @Column({ type: 'text', name: 'of_asset_id' })
  ofAssetId!: string

  @Column({ type: 'text' })
  likeness!: Likeness
}
