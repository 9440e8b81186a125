import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { ChangeCounts } from '../quality/difference.ts'
import type { ManifestAnnotation } from '../task/version.ts'
import type { Annotation, Prediction } from './annotation.ts'
import type { LabellingItemState } from './state.ts'

/** An image of a labelling task. */
@Entity('labelling_items')
export class LabellingItemRow {
  @PrimaryColumn({ type: 'uuid' })
  id!: string

  @Column({ type: 'uuid', name: 'task_id' })
  taskId!: string

  /** Place in the task, 0 for the first; the version's images are in the order of its manifest. */
  @Column({ type: 'integer' })
  position!: number

  @Column({ type: 'text', name: 'asset_id' })
  assetId!: string

  /** Pixels. */
  @Column({ type: 'integer' })
  width!: number

  /** Pixels. */
  @Column({ type: 'integer' })
  height!: number

  @Column({ type: 'text' })
  state!: LabellingItemState

  /** Of the task's classes: what the version had, then what was submitted. */
  @Column({ type: 'jsonb' })
  annotations!: readonly Annotation[]

  /** What the version had of other classes, as it had it: it stays beside the answer. */
  @Column({ type: 'jsonb', name: 'kept_annotations' })
  keptAnnotations!: readonly ManifestAnnotation[]

  /** What a model found of the task's classes, most certain first. */
  @Column({ type: 'jsonb', default: [] })
  predictions!: readonly Prediction[]

  @Column({ type: 'text', name: 'claimed_by', nullable: true })
  claimedBy!: string | null

  @Column({ type: 'timestamptz', precision: 3, name: 'claimed_until', nullable: true })
  claimedUntil!: Date | null

  /** Null also when the automatic labeller answered. */
  @Column({ type: 'text', name: 'answered_by', nullable: true })
  answeredBy!: string | null

  @Column({ type: 'timestamptz', precision: 3, name: 'answered_at', nullable: true })
  answeredAt!: Date | null

  /** The reviewer's; an item with one that is to do was sent back. */
  @Column({ type: 'text', nullable: true })
  comment!: string | null

  @Column({ type: 'text', name: 'skip_reason', nullable: true })
  skipReason!: string | null

  /** When it was claimed by whoever has it or answered it. */
  @Column({ type: 'timestamptz', precision: 3, name: 'claimed_at', nullable: true })
  claimedAt!: Date | null

  /** How long the answer took, as the vendor that gave it says; null: it does not, or a person or the automatic labeller answered. */
  @Column({ type: 'double precision', name: 'answer_seconds', nullable: true })
  answerSeconds!: number | null

  /** The highest revision that a vendor answered with; null: none. */
  @Column({ type: 'integer', name: 'vendor_revision', nullable: true })
  vendorRevision!: number | null

  /** Digest of that answer as it came. */
  @Column({ type: 'text', name: 'vendor_answer', nullable: true })
  vendorAnswer!: string | null

  /** What who has it drew so far. */
  @Column({ type: 'jsonb', nullable: true })
  draft!: Annotation[] | null

  /** Whether its answer is for the result; not: it is a gold image, or the second copy of an image. */
  @Column({ type: 'boolean', name: 'in_result', default: true })
  inResult!: boolean

  /** Of a gold image; null: it is none. */
  @Column({ type: 'jsonb', name: 'known_annotations', nullable: true })
  knownAnnotations!: readonly Annotation[] | null

  /** What `annotations` were before the first answer; null: it has none, or is from a time when that was not kept. */
  @Column({ type: 'jsonb', name: 'start_annotations', nullable: true })
  startAnnotations!: readonly Annotation[] | null

  /** The answer as it was given, when a reviewer corrected it; null: `annotations` are it. */
  @Column({ type: 'jsonb', name: 'given_annotations', nullable: true })
  givenAnnotations!: readonly Annotation[] | null

  /** What the answer changed of what it started from; null: not labelled, or the start is not known. */
  @Column({ type: 'jsonb', nullable: true })
  difference!: ChangeCounts | null

  /** Null also when a person or the automatic labeller answered. */
  @Column({ type: 'uuid', name: 'answered_by_vendor', nullable: true })
  answeredByVendor!: string | null
}
