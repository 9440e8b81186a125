import { createHash } from 'node:crypto'
import { DomainError, type ProjectRole, type Role, type UserCaller, type VendorCaller } from '@ymir/graphql'
import { GraphQLError } from 'graphql'
import type { Service } from '../graph/service.ts'

/** Someone who showed a valid token. */
export interface Authenticated<Holder extends UserCaller | VendorCaller = UserCaller> {
  readonly caller: Holder
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

interface VendorAnswer {
  vendorId: string
  expiresAt: string | null
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

const vendorQuery = /* GraphQL */ `
  query VendorOfToken($token: String!) {
    vendorOfToken(token: $token) {
      vendorId
      expiresAt
    }
  }
`

/** A token of a user, or of a vendor. */
type Holder = Authenticated<UserCaller | VendorCaller>

const vendorPrefix = 'ymir_v_'
const gatewayItself = { caller: { kind: 'service', name: 'gateway' } } as const
const cachedTokens = 10_000

/**
 * Whose token is this? Identity knows; its answer counts for a few seconds, less when the user's memberships change or
 * the user changes anything (signs out, revokes a key).
 */
export class Authenticator {
  /** By hash: a dump of memory shows no token. Oldest first. */
  private readonly answers = new Map<string, { until: number; answer: Promise<Holder | undefined> }>()

  constructor(
    private readonly identity: Pick<Service, 'ask'>,
    private readonly freshForMs = 5_000,
  ) {}

  /**
   * @returns undefined when the token is unknown, revoked or expired
   * @throws GraphQLError SERVICE_UNAVAILABLE when identity does not answer
   */
  async whoHas(token: string): Promise<Authenticated | undefined> {
    const found = await this.holderOf(token)
    return found?.caller.kind === 'user' ? { ...found, caller: found.caller } : undefined
  }

  private async holderOf(token: string): Promise<Holder | undefined> {
    const key = createHash('sha256').update(token).digest('base64')
    const known = this.answers.get(key)
    if (known && known.until > Date.now()) return stillValid(await known.answer)
    const answer = token.startsWith(vendorPrefix) ? this.askForVendor(token) : this.askForUser(token)
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
    throw voidToken()
  }

  /**
   * As `require`, for a user's token or a vendor's.
   * @throws DomainError UNAUTHENTICATED
   */
  async requireHolder(token: string): Promise<Holder> {
    const found = await this.holderOf(token)
    if (found) return found
    throw voidToken()
  }

  /** The next request of this user is checked with identity. */
  async forget(userId: string): Promise<void> {
    const forgetIfTheirs = async (key: string, answer: Promise<Holder | undefined>) => {
      const found = await answer.catch(() => undefined)
      if (found?.caller.kind === 'user' && found.caller.userId === userId) this.answers.delete(key)
    }
    // all at once: one that identity has not answered yet must not hold up the others
    await Promise.all([...this.answers].map(([key, { answer }]) => forgetIfTheirs(key, answer)))
  }

  private async askForUser(token: string): Promise<Authenticated | undefined> {
    const found = await this.askIdentity<{ caller: CallerAnswer | null }>(callerQuery, token, 'caller')
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
      expiresAt: timeOf(found.expiresAt),
    }
  }

  private async askForVendor(token: string): Promise<Authenticated<VendorCaller> | undefined> {
    const found = await this.askIdentity<{ vendorOfToken: VendorAnswer | null }>(
      vendorQuery,
      token,
      'vendorOfToken',
    )
    if (!found) return undefined
    return { caller: { kind: 'vendor', vendorId: found.vendorId }, expiresAt: timeOf(found.expiresAt) }
  }

  private async askIdentity<Data>(
    query: string,
    token: string,
    field: keyof Data & string,
  ): Promise<Data[keyof Data & string] | undefined> {
    const { data, errors } = await this.identity.ask(query, { token }, gatewayItself)
    const [problem] = errors ?? []
    if (problem) throw new GraphQLError(problem.message, { extensions: problem.extensions })
    return (data as Data | null | undefined)?.[field] // the query gives the shape
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

function voidToken(): DomainError {
  return unauthenticated('the token is unknown, revoked or expired: sign in again')
}

function timeOf(expiresAt: string | null): number {
  return expiresAt ? Date.parse(expiresAt) : Infinity
}

function stillValid(found: Holder | undefined): Holder | undefined {
  return found && found.expiresAt > Date.now() ? found : undefined
}
