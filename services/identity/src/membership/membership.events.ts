import { MembershipChangedSchema } from '@ymir/proto-events'
import type { EntityManager } from 'typeorm'
import type { Identity } from '../context.ts'

/** Says that someone's role in a project was given, changed or (role empty) taken away. */
export async function sayMembershipChanged(
  { bus }: Identity,
  manager: EntityManager,
  change: { projectId: string; userId: string; role: string; actorId: string },
): Promise<void> {
  await bus.emit(manager, MembershipChangedSchema, change)
}
