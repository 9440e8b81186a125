import DataLoader from 'dataloader'
import type { GraphClient } from './client.ts'
import { DomainError } from './errors.ts'
import type { Caller, ProjectRole, UserCaller, VendorCaller } from './identity.ts'

/** What every resolver is given; a service adds its own things (database, bus, ...). */
export interface RequestContext {
  readonly caller: Caller
  readonly access: Access
  /** The federated graph, asked as this service. */
  readonly graph: GraphClient
  /** One DataLoader for each key and request. */
  loader<Key, Value>(
    key: string,
    batch: (ids: readonly Key[]) => Promise<ArrayLike<Value | Error>>,
  ): DataLoader<Key, Value>
}

const ranks: Readonly<Record<ProjectRole, number>> = { VIEWER: 0, ANNOTATOR: 1, EDITOR: 2, OWNER: 3 }

const membershipQuery = /* GraphQL */ `
  query MembershipOfCaller($projectId: ID!, $userId: ID!) {
    membership(projectId: $projectId, userId: $userId) {
      role
    }
  }
`

/** May they? Each `require` returns or throws UNAUTHENTICATED or FORBIDDEN with what is missing. */
export class Access {
  private readonly asked = new Map<string, Promise<ProjectRole | undefined>>()

  constructor(
    private readonly caller: Caller,
    private readonly graph: GraphClient,
  ) {}

  requireSignedIn(): UserCaller {
    if (this.caller.kind === 'user') return this.caller
    if (this.caller.kind === 'vendor')
      throw new DomainError('FORBIDDEN', "a vendor's token is for its tasks only: vendorTasks, submitResults")
    throw new DomainError(
      'UNAUTHENTICATED',
      'sign in first: send a session token or API key as `Authorization: Bearer ...`',
    )
  }

  requireVendor(): VendorCaller {
    if (this.caller.kind === 'vendor') return this.caller
    throw new DomainError(
      'UNAUTHENTICATED',
      "this is for vendors: send a vendor's token as `Authorization: Bearer ...`",
    )
  }

  /** Services are as administrators. */
  isAdministrator(): boolean {
    return this.caller.kind === 'service' || this.requireSignedIn().role === 'ADMINISTRATOR'
  }

  requireAdministrator(): void {
    if (!this.isAdministrator()) throw new DomainError('FORBIDDEN', 'only administrators may do this')
  }

  requireService(): void {
    if (this.caller.kind !== 'service')
      throw new DomainError('FORBIDDEN', 'only services of the platform may ask this')
  }

  /** Administrators and services may everything in every project. */
  async requireProject(projectId: string, needed: ProjectRole): Promise<void> {
    const role = await this.roleIn(projectId)
    if (role && ranks[role] >= ranks[needed]) return
    const has = role ? `you are its ${role}` : 'you are not a member of it'
    throw new DomainError('FORBIDDEN', `this needs the role ${needed} in project ${projectId}; ${has}`, {
      projectId,
      needed,
    })
  }

  async mayInProject(projectId: string, needed: ProjectRole): Promise<boolean> {
    const role = await this.roleIn(projectId)
    return role !== undefined && ranks[role] >= ranks[needed]
  }

  /** The caller's role; a membership younger than the caller's token check is asked from identity. */
  async roleIn(projectId: string): Promise<ProjectRole | undefined> {
    if (this.caller.kind === 'service') return 'OWNER'
    const { userId, role, memberships } = this.requireSignedIn()
    if (role === 'ADMINISTRATOR') return 'OWNER'
    return memberships[projectId] ?? this.ask(projectId, userId)
  }

  private ask(projectId: string, userId: string): Promise<ProjectRole | undefined> {
    let answer = this.asked.get(projectId)
    if (!answer) {
      answer = this.graph
        .query<{ membership: { role: ProjectRole } | null }>(membershipQuery, { projectId, userId })
        .then(({ membership }) => membership?.role)
      this.asked.set(projectId, answer)
    }
    return answer
  }
}

export function requestContext(caller: Caller, graph: GraphClient): RequestContext {
  const loaders = new Map<string, DataLoader<unknown, unknown>>()
  return {
    caller,
    graph,
    access: new Access(caller, graph),
    loader: <Key, Value>(key: string, batch: (ids: readonly Key[]) => Promise<ArrayLike<Value | Error>>) => {
      // one key is always used with one batch function, hence with one pair of types
      const known = loaders.get(key) as DataLoader<Key, Value> | undefined
      if (known) return known
      const made = new DataLoader<Key, Value>(batch)
      loaders.set(key, made as DataLoader<unknown, unknown>)
      return made
    },
  }
}
