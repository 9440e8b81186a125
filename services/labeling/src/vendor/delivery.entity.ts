import { Column, Entity, PrimaryColumn, PrimaryGeneratedColumn } from 'typeorm'

export type DeliveryState = 'PENDING' | 'DELIVERED' | 'FAILED'
export type DeliveryDoor = 'WEBHOOK' | 'NATS'

/** Something that a vendor is to be told, by one of its doors, until it has got it. */
@Entity('vendor_deliveries')
export class DeliveryRow {
  /** Of the message, the same each time that it is sent. */
  @PrimaryColumn({ type: 'uuid' })
  id!: string

  @Column({ type: 'uuid', name: 'vendor_id' })
  vendorId!: string

  @Column({ type: 'uuid', name: 'task_id' })
  taskId!: string

  @Column({ type: 'text' })
  door!: DeliveryDoor

  /** CloudEvents type. */
  @Column({ type: 'text' })
  type!: string

  @Column({ type: 'jsonb' })
  data!: object

  @Column({ type: 'timestamptz', precision: 3, name: 'occurred_at' })
  occurredAt!: Date

  @Column({ type: 'text' })
  state!: DeliveryState

  /** Tries so far. */
  @Column({ type: 'integer' })
  attempts!: number

  /** Of a pending one. */
  @Column({ type: 'timestamptz', precision: 3, name: 'next_attempt_at' })
  nextAttemptAt!: Date

  @Column({ type: 'timestamptz', precision: 3, name: 'created_at', default: () => 'now()' })
  createdAt!: Date
}

/** One try: the log of deliveries. */
@Entity('vendor_delivery_attempts')
export class AttemptRow {
  @PrimaryGeneratedColumn('identity', { type: 'bigint' })
  id!: string

  @Column({ type: 'uuid', name: 'delivery_id' })
  deliveryId!: string

  @Column({ type: 'timestamptz', precision: 3, name: 'attempted_at' })
  attemptedAt!: Date

  /** HTTP status of the answer, if there was one. */
  @Column({ type: 'integer', nullable: true })
  status!: number | null

  /** Null: it arrived. */
  @Column({ type: 'text', nullable: true })
  problem!: string | null

  @Column({ type: 'integer' })
  milliseconds!: number
}
