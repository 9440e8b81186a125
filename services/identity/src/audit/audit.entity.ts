import { Column, Entity, PrimaryGeneratedColumn, type EntityManager } from 'typeorm'

/** Who did what to whom: written in the transaction of the deed, never changed. */
@Entity('audit_entries')
export class AuditEntry {
  @PrimaryGeneratedColumn('identity', { type: 'bigint' })
  position!: string

  @Column({ type: 'timestamptz', default: () => 'now()' })
  at!: Date

  /** A user's id, or `service:<name>`. */
  @Column({ type: 'text', name: 'actor_id' })
  actorId!: string

  /** The mutation, e.g. setMember. */
  @Column({ type: 'text' })
  action!: string

  /** Id of what it was done to. */
  @Column({ type: 'text' })
  about!: string

  @Column({ type: 'jsonb' })
  details!: object
}

export type Deed = Pick<AuditEntry, 'actorId' | 'action' | 'about'> & Partial<Pick<AuditEntry, 'details'>>

/** Notes a deed in the transaction that does it. Never with secrets in its details. */
export async function note(manager: EntityManager, { details = {}, ...deed }: Deed): Promise<void> {
  await manager.insert(AuditEntry, { ...deed, details })
}
