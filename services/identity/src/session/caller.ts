import type { DataSource, EntityManager } from 'typeorm'
import { ApiKey } from '../key/key.entity.ts'
import { Membership } from '../membership/membership.entity.ts'
import type { User } from '../user/user.entity.ts'
import { Session } from './session.entity.ts'
import { hashToken, kindOfToken } from './token.ts'

/** Who stands behind a token, and what it is good for. */
export interface TokenCaller {
  readonly user: User
  readonly scopes: readonly string[]
  readonly memberships: readonly Membership[]
  readonly expiresAt: Date | null
  /** The session; null for an API key. */
  readonly sessionId: string | null
}

/** Everything, and `account`: to make and revoke API keys. A key never has that: it cannot outlive itself by a new one. */
const sessionScopes: readonly string[] = ['read', 'write', 'label', 'account']

/** Who a token belongs to; null when it is unknown, expired, revoked or not a token. */
export async function findCaller({ manager }: DataSource, token: string): Promise<TokenCaller | null> {
  const opened = await findOpened(manager, token)
  if (!opened || (opened.expiresAt && opened.expiresAt <= new Date())) return null
  const isSession = opened instanceof Session
  await touch(manager, isSession ? Session : ApiKey, opened.id)
  return {
    user: opened.user,
    memberships: await manager.findBy(Membership, { userId: opened.userId }),
    expiresAt: opened.expiresAt,
    scopes: isSession ? sessionScopes : opened.scopes,
    sessionId: isSession ? opened.id : null,
  }
}

async function findOpened(manager: EntityManager, token: string): Promise<Session | ApiKey | null> {
  const options = { where: { tokenSha256: hashToken(token) }, relations: { user: true } }
  switch (kindOfToken(token)) {
    case 'session':
      return manager.findOne(Session, options)
    case 'key':
      return manager.findOne(ApiKey, options)
    case 'vendor': // no user stands behind it: vendorOfToken
    case undefined:
      return null
  }
}

// Once a minute is fine enough for a person's eye and spares a write a request.
async function touch(
  manager: EntityManager,
  type: typeof Session | typeof ApiKey,
  id: string,
): Promise<void> {
  await manager
    .createQueryBuilder()
    .update<Session | ApiKey>(type)
    .set({ lastUsedAt: () => 'now()' })
    .where(`id = :id and (last_used_at is null or last_used_at < now() - interval '1 minute')`, { id })
    .execute()
}
