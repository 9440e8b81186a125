import { DomainError, notFound, type Role } from '@ymir/graphql'
import type { DataSource } from 'typeorm'
import { note } from '../audit/audit.entity.ts'
import { User } from './user.entity.ts'

/**
 * Gives someone a role in the workspace.
 * @throws DomainError NOT_FOUND, or LAST_ADMINISTRATOR when nobody would be left to administer
 */
export async function setUserRole(
  database: DataSource,
  { userId, role, actorId }: { userId: string; role: Role; actorId: string },
): Promise<User> {
  return database.transaction(async (manager) => {
    const administrators = await manager.find(User, {
      where: { role: 'ADMINISTRATOR' },
      order: { id: 'ASC' }, // all lock in the same order
      lock: { mode: 'pessimistic_write' },
    })
    const user = await manager.findOneBy(User, { id: userId })
    if (!user) throw notFound('user', userId)
    const isLast = administrators.length === 1 && administrators[0]?.id === userId
    if (isLast && role !== 'ADMINISTRATOR')
      throw new DomainError(
        'LAST_ADMINISTRATOR',
        `${user.email} is the last administrator; make another one first`,
      )
    if (user.role === role) return user
    await manager.update(User, userId, { role })
    await note(manager, {
      actorId,
      action: 'setUserRole',
      about: userId,
      details: { from: user.role, to: role },
    })
    return { ...user, role }
  })
}

/** Opens or closes sign-up for people who come by themselves. */
export async function setSignUpOpen(
  database: DataSource,
  { open, actorId }: { open: boolean; actorId: string },
): Promise<void> {
  await database.transaction(async (manager) => {
    await manager.query('update settings set sign_up_open = $1', [open])
    await note(manager, { actorId, action: 'setSignUpOpen', about: 'workspace', details: { open } })
  })
}
