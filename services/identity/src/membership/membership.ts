import { DomainError, notFound, type ProjectRole } from '@ymir/graphql'
import type { EntityManager } from 'typeorm'
import { note } from '../audit/audit.entity.ts'
import type { Identity } from '../context.ts'
import { normaliseEmail } from '../user/email.ts'
import { User } from '../user/user.entity.ts'
import { Membership } from './membership.entity.ts'
import { sayMembershipChanged } from './membership.events.ts'

interface Key {
  readonly projectId: string
  readonly userId: string
}

/**
 * Gives someone a role in a project, or another one.
 * @throws DomainError NOT_FOUND (project or e-mail), LAST_OWNER
 */
export async function setMember(
  identity: Identity,
  {
    projectId,
    email,
    role,
    actorId,
  }: { projectId: string; email: string; role: ProjectRole; actorId: string },
): Promise<Membership> {
  const address = normaliseEmail(email)
  return changingProject(identity, projectId, async (manager) => {
    const members = await manager.findBy(Membership, { projectId })
    if (members.length === 0) throw notFound('project', projectId)
    const user = await manager.findOneBy(User, { email: address })
    if (!user)
      throw new DomainError(
        'NOT_FOUND',
        `nobody with the e-mail ${address} has signed up; ask them to do so first`,
        {
          field: 'email',
        },
      )
    const before = members.find(({ userId }) => userId === user.id)
    if (before?.role === role) return before
    if (role !== 'OWNER') requireOtherOwner(members, user.id)
    return store(
      identity,
      manager,
      { projectId, userId: user.id, role, since: before?.since ?? new Date() },
      actorId,
    )
  })
}

/**
 * Ends a membership.
 * @throws DomainError NOT_FOUND, LAST_OWNER
 */
export async function removeMember(
  identity: Identity,
  { projectId, userId, actorId }: Key & { actorId: string },
): Promise<Membership> {
  return changingProject(identity, projectId, async (manager) => {
    const members = await manager.findBy(Membership, { projectId })
    const membership = members.find((member) => member.userId === userId)
    if (!membership) throw notFound(`member of project ${projectId}`, userId)
    requireOtherOwner(members, userId)
    await manager.delete(Membership, { projectId, userId })
    await note(manager, { actorId, action: 'removeMember', about: projectId, details: { userId } })
    await sayMembershipChanged(identity, manager, { projectId, userId, role: '', actorId })
    return membership
  })
}

/**
 * Makes someone the first owner of a new project. Doing it again changes nothing.
 * @throws DomainError NOT_FOUND for an unknown user, CONFLICT when the project is someone else's
 */
export async function grantProject(identity: Identity, { projectId, userId }: Key): Promise<Membership> {
  return changingProject(identity, projectId, async (manager) => {
    const members = await manager.findBy(Membership, { projectId })
    const known = members.find((member) => member.userId === userId)
    if (known) return known
    if (members.length > 0) throw new DomainError('CONFLICT', `project ${projectId} has an owner already`)
    if (!(await manager.existsBy(User, { id: userId }))) throw notFound('user', userId)
    return store(identity, manager, { projectId, userId, role: 'OWNER', since: new Date() }, userId)
  })
}

async function store(
  identity: Identity,
  manager: EntityManager,
  values: Pick<Membership, 'projectId' | 'userId' | 'role' | 'since'>,
  actorId: string,
): Promise<Membership> {
  const membership = manager.create(Membership, values)
  const { projectId, userId, role } = membership
  await manager.upsert(Membership, { ...values }, ['projectId', 'userId'])
  await note(manager, { actorId, action: 'setMember', about: projectId, details: { userId, role } })
  await sayMembershipChanged(identity, manager, { projectId, userId, role, actorId })
  return membership
}

function requireOtherOwner(members: readonly Membership[], userId: string): void {
  const owners = members.filter(({ role }) => role === 'OWNER')
  if (owners.length !== 1 || owners[0]?.userId !== userId) return
  throw new DomainError('LAST_OWNER', 'a project keeps at least one owner; make someone else an owner first')
}

/** One change of a project's members at a time: two owners who remove each other would leave none. */
async function changingProject<T>(
  { database }: Identity,
  projectId: string,
  change: (manager: EntityManager) => Promise<T>,
): Promise<T> {
  return database.transaction(async (manager) => {
    await manager.query(`select pg_advisory_xact_lock(hashtext(current_schema() || $1))`, [
      ` members ${projectId}`,
    ])
    return change(manager)
  })
}
