import { randomUUID } from 'node:crypto'
import { DomainError } from '@ymir/graphql'
import type { DataSource, EntityManager } from 'typeorm'
import { note } from '../audit/audit.entity.ts'
import { normaliseEmail } from '../user/email.ts'
import { checkNobodysPassword, isPasswordOf } from '../user/password.ts'
import { User } from '../user/user.entity.ts'
import { countAttempt, forgetAttempts, limitsOf } from './attempts.ts'
import { Session } from './session.entity.ts'
import { newToken } from './token.ts'

export interface Credentials {
  readonly email: string
  readonly password: string
  /** Network address of the client; undefined when the gateway did not tell. */
  readonly address: string | undefined
}

/** An open session. The token is told once, here. */
export interface OpenedSession {
  readonly token: string
  readonly expiresAt: Date
  readonly user: User
}

const lifetimeMs = 30 * 24 * 60 * 60 * 1000

/**
 * Opens a session. A wrong password and an unknown e-mail are told apart neither by the words nor by the time.
 * @throws DomainError WRONG_CREDENTIALS, RATE_LIMITED or BAD_USER_INPUT
 */
export async function signIn(database: DataSource, credentials: Credentials): Promise<OpenedSession> {
  const email = normaliseEmail(credentials.email)
  await countAttempt(database, limitsOf(email, credentials.address))
  const user = await database.manager.findOne(User, { where: { email }, select: allWithPassword })
  const right = user
    ? await isPasswordOf(user.passwordHash, credentials.password)
    : await checkNobodysPassword(credentials.password)
  if (!user || !right) throw new DomainError('WRONG_CREDENTIALS', 'e-mail or password is wrong')
  await forgetAttempts(database, email)
  return database.transaction(async (manager) => {
    await note(manager, { actorId: user.id, action: 'signIn', about: user.id })
    return openSession(manager, user)
  })
}

/** Opens a session for someone whose word was checked. */
export async function openSession(manager: EntityManager, user: User): Promise<OpenedSession> {
  await manager.query('delete from sessions where expires_at < now()')
  const { token, sha256 } = newToken('session')
  const expiresAt = new Date(Date.now() + lifetimeMs)
  await manager.insert(Session, { id: randomUUID(), userId: user.id, tokenSha256: sha256, expiresAt })
  return { token, expiresAt, user }
}

/** Ends one session, or, without its id, all of a user. */
export async function signOut(database: DataSource, userId: string, sessionId?: string): Promise<void> {
  await database.transaction(async (manager) => {
    await manager.delete(Session, sessionId ? { userId, id: sessionId } : { userId })
    await note(manager, { actorId: userId, action: 'signOut', about: sessionId ?? userId })
  })
}

const allWithPassword = {
  id: true,
  email: true,
  name: true,
  role: true,
  createdAt: true,
  passwordHash: true,
} as const
