import { Column, Entity, PrimaryColumn } from 'typeorm'

export type LabellingTool = 'LABEL_STUDIO' | 'CVAT'

/** The labelling tool in which a vendor works. */
@Entity('vendor_connectors')
export class ConnectorRow {
  /** Another one when the vendor is connected to another place. */
  @PrimaryColumn({ type: 'uuid' })
  id!: string

  @Column({ type: 'uuid', name: 'vendor_id' })
  vendorId!: string

  @Column({ type: 'text' })
  tool!: LabellingTool

  /** Where it is. */
  @Column({ type: 'text' })
  url!: string

  /** CVAT's short name of the organization to work in; null: the token's owner's own place. */
  @Column({ type: 'text', nullable: true })
  organization!: string | null

  /** Where it reaches this platform; null: it does not, and is only asked. */
  @Column({ type: 'text', name: 'platform_url', nullable: true })
  platformUrl!: string | null

  /** What the tool knows us by; encrypted. */
  @Column({ type: 'bytea' })
  token!: Buffer

  /** What we know the tool's webhooks by; encrypted. */
  @Column({ type: 'bytea' })
  secret!: Buffer

  @Column({ type: 'timestamptz', precision: 3, name: 'connected_at', default: () => 'now()' })
  connectedAt!: Date
}

/** A labelling task in a tool. */
@Entity('connector_tasks')
export class ConnectorTaskRow {
  @PrimaryColumn({ type: 'uuid', name: 'connector_id' })
  connectorId!: string

  @PrimaryColumn({ type: 'uuid', name: 'task_id' })
  taskId!: string

  /** Of the tool's project; null: not made yet. */
  @Column({ type: 'text', name: 'remote_id', nullable: true })
  remoteId!: string | null

  /** Whether the tool calls us when something changes. */
  @Column({ type: 'boolean', name: 'is_hooked' })
  isHooked!: boolean

  @Column({ type: 'timestamptz', precision: 3, name: 'next_look_at', default: () => 'now()' })
  nextLookAt!: Date

  /** Whoever looks and does not end or go on by then has died; null: nobody looks. */
  @Column({ type: 'timestamptz', precision: 3, name: 'looking_until', nullable: true })
  lookingUntil!: Date | null

  /** When all was well the last time. */
  @Column({ type: 'timestamptz', precision: 3, name: 'looked_at', nullable: true })
  lookedAt!: Date | null

  /** Looks that failed, since one that did not. */
  @Column({ type: 'integer' })
  failures!: number

  /** What is wrong; null: nothing. */
  @Column({ type: 'text', nullable: true })
  problem!: string | null

  /** When it was ended there; null: it was not. */
  @Column({ type: 'timestamptz', precision: 3, name: 'closed_at', nullable: true })
  closedAt!: Date | null
}

/** An image of a task in a tool. */
@Entity('connector_items')
export class ConnectorItemRow {
  @PrimaryColumn({ type: 'uuid', name: 'connector_id' })
  connectorId!: string

  @PrimaryColumn({ type: 'uuid', name: 'item_id' })
  itemId!: string

  @Column({ type: 'uuid', name: 'task_id' })
  taskId!: string

  @Column({ type: 'text', name: 'remote_id' })
  remoteId!: string

  /** The revision (-1: none) whose answer was sent back and is to be given anew there; null: none was. */
  @Column({ type: 'integer', name: 'reopened_revision', nullable: true })
  reopenedRevision!: number | null

  /** Whether the tool has taken that. */
  @Column({ type: 'boolean', name: 'is_reopened' })
  isReopened!: boolean

  /** Why its answer was refused; null: it was not. */
  @Column({ type: 'text', nullable: true })
  problem!: string | null
}
