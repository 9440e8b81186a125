import { randomUUID } from 'node:crypto'
import { DomainError } from '@ymir/graphql'
import type { DataSource, EntityManager } from 'typeorm'
import { note } from '../audit/audit.entity.ts'
import { normaliseEmail } from './email.ts'
import { checkPassword, hashPassword } from './password.ts'
import { User } from './user.entity.ts'

export interface NewUser {
  readonly email: string
  readonly name: string
  readonly password: string
}

/**
 * Makes a user; the first one is the administrator.
 * @throws DomainError WEAK_PASSWORD, EMAIL_TAKEN, SIGN_UP_CLOSED or BAD_USER_INPUT
 */
export async function signUp(database: DataSource, input: NewUser): Promise<User> {
  const email = normaliseEmail(input.email)
  checkPassword(input.password, email)
  const passwordHash = await hashPassword(input.password)
  return database.transaction(async (manager) => {
    await oneSignUpAtATime(manager)
    const isFirst = await isSetUpNeeded(manager)
    if (!isFirst && !(await isSignUpOpen(manager)))
      throw new DomainError('SIGN_UP_CLOSED', 'sign-up is closed; ask an administrator to open it')
    if (await manager.existsBy(User, { email }))
      throw new DomainError('EMAIL_TAKEN', `${email} has signed up already; sign in instead`, {
        field: 'email',
      })
    const user = manager.create(User, {
      id: randomUUID(),
      email,
      name: input.name.trim(),
      role: isFirst ? 'ADMINISTRATOR' : 'MEMBER',
      passwordHash,
      createdAt: new Date(),
    })
    await manager.insert(User, user)
    await note(manager, { actorId: user.id, action: 'signUp', about: user.id, details: { role: user.role } })
    return user
  })
}

/** Whether nobody has signed up yet. */
export async function isSetUpNeeded(manager: EntityManager): Promise<boolean> {
  return !(await manager.exists(User))
}

export async function isSignUpOpen(manager: EntityManager): Promise<boolean> {
  const rows: { sign_up_open: boolean }[] = await manager.query('select sign_up_open from settings')
  return rows[0]?.sign_up_open ?? true
}

// Two who come first at the same moment would both be administrators.
async function oneSignUpAtATime(manager: EntityManager): Promise<void> {
  await manager.query(`select pg_advisory_xact_lock(hashtext(current_schema() || ' sign-up'))`)
}
