import { createHash } from 'node:crypto'
import { DomainError, type ProjectRole, type Role, type UserCaller } from '@ymir/graphql'
import { GraphQLError } from 'graphql'
import type { Service } from '../graph/service.ts'

/** Someone who showed a valid token. */
export interface Authenticated {
  readonly caller: UserCaller
  /** Unix milliseconds after which the token is void. */
  readonly expiresAt: number
}

interface CallerAnswer {
  user: { id: string; role: Role }
  scopes: string[]
  expiresAt: string | null
  sessionId: string | null
  memberships: { projectId: string; role: ProjectRole }[]
}

const callerQuery = /* GraphQL */ `
  query CallerOfToken($token: String!) {
    caller(token: $token) {
      user {
        id
        role
      }
      scopes
      expiresAt
      sessionId
      memberships {
        projectId
        role
      }
    }
  }
`

const gatewayItself = { caller: { kind: 'service', name: 'gateway' } } as const
const cachedTokens = 10_000

/**
 * Whose token is this? Identity knows; its answer counts for a few seconds, less when the user's memberships change or
 * the user changes anything (signs out, revokes a key).
 */
export class Authenticator {
  /** By hash: a dump of memory shows no token. Oldest first. */
  private readonly answers = new Map<string, { until: number; answer: Promise<Authenticated | undefined> }>()

  constructor(
    private readonly identity: Pick<Service, 'ask'>,
    private readonly freshForMs = 5_000,
  ) {}

  /**
   * @returns undefined when the token is unknown, revoked or expired
   * @throws GraphQLError SERVICE_UNAVAILABLE when identity does not answer
   */
  async whoHas(token: string): Promise<Authenticated | undefined> {
    const key = createHash('sha256').update(token).digest('base64')
    const known = this.answers.get(key)
    if (known && known.until > Date.now()) return stillValid(await known.answer)
    const answer = this.askIdentity(token)
    this.answers.delete(key)
    this.answers.set(key, { until: Date.now() + this.freshForMs, answer })
    this.forgetOldest()
    answer.catch(() => this.answers.delete(key))
    return stillValid(await answer)
  }

  /**
   * As `whoHas`.
   * @throws DomainError UNAUTHENTICATED
   */
  async require(token: string): Promise<Authenticated> {
    const found = await this.whoHas(token)
    if (found) return found
    throw unauthenticated('the token is unknown, revoked or expired: sign in again')
  }

  /** The next request of this user is checked with identity. */
  async forget(userId: string): Promise<void> {
    const forgetIfTheirs = async (key: string, answer: Promise<Authenticated | undefined>) => {
      const found = await answer.catch(() => undefined)
      if (found?.caller.userId === userId) this.answers.delete(key)
    }
    // all at once: one that identity has not answered yet must not hold up the others
    await Promise.all([...this.answers].map(([key, { answer }]) => forgetIfTheirs(key, answer)))
  }

  private async askIdentity(token: string): Promise<Authenticated | undefined> {
    const { data, errors } = await this.identity.ask(callerQuery, { token }, gatewayItself)
    const [problem] = errors ?? []
    if (problem) throw new GraphQLError(problem.message, { extensions: problem.extensions })
    const found = data?.caller as CallerAnswer | null | undefined // the query above gives the shape
    if (!found) return undefined
    return {
      caller: {
        kind: 'user',
        userId: found.user.id,
        role: found.user.role,
        scopes: found.scopes,
        sessionId: found.sessionId ?? undefined,
        memberships: Object.fromEntries(found.memberships.map(({ projectId, role }) => [projectId, role])),
      },
      expiresAt: found.expiresAt ? Date.parse(found.expiresAt) : Infinity,
    }
  }

  private forgetOldest(): void {
    for (const key of this.answers.keys()) {
      if (this.answers.size <= cachedTokens) return
      this.answers.delete(key)
    }
  }
}

export function unauthenticated(message: string): DomainError {
  return new DomainError('UNAUTHENTICATED', message, { http: { status: 401 } })
}

function stillValid(found: Authenticated | undefined): Authenticated | undefined {
  return found && found.expiresAt > Date.now() ? found : undefined
}
