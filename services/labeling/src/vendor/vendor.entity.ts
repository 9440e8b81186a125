import { Column, Entity, PrimaryColumn } from 'typeorm'

/** A party outside that labels: it hears of its tasks, and sends results. */
@Entity('vendors')
export class VendorRow {
  @PrimaryColumn({ type: 'uuid' })
  id!: string

  @Column({ type: 'uuid', name: 'project_id' })
  projectId!: string

  @Column({ type: 'text' })
  name!: string

  /** Null: it is told nothing by webhook. */
  @Column({ type: 'text', name: 'webhook_url', nullable: true })
  webhookUrl!: string | null

  /** Why nothing is sent to the webhook any more; null: it is used. */
  @Column({ type: 'text', name: 'webhook_problem', nullable: true })
  webhookProblem!: string | null

  /** Signs webhooks; encrypted. */
  @Column({ type: 'bytea', name: 'webhook_secret' })
  webhookSecret!: Buffer

  /** Signs them as well, until `earlierSecretUntil`; encrypted. */
  @Column({ type: 'bytea', name: 'earlier_secret', nullable: true })
  earlierSecret!: Buffer | null

  @Column({ type: 'timestamptz', precision: 3, name: 'earlier_secret_until', nullable: true })
  earlierSecretUntil!: Date | null

  /** Public key of its user of NATS; null: it has none. */
  @Column({ type: 'text', name: 'nats_key', nullable: true })
  natsKey!: string | null

  @Column({ type: 'text', name: 'created_by' })
  createdBy!: string

  @Column({ type: 'timestamptz', precision: 3, name: 'created_at', default: () => 'now()' })
  createdAt!: Date

  /** When it lost its access; null: it has it. */
  @Column({ type: 'timestamptz', precision: 3, name: 'closed_at', nullable: true })
  closedAt!: Date | null
}
