import { DomainError, type ProjectRole } from '@ymir/graphql'
import type { IdentityContext } from '../context.ts'
import { Membership } from './membership.entity.ts'

/**
 * What access.requireProject is to other services. Here the memberships are at hand, so that neither the gateway is
 * asked nor the request's older copy of them believed.
 * @throws DomainError UNAUTHENTICATED or FORBIDDEN
 */
export async function requireMember(context: IdentityContext, projectId: string): Promise<void> {
  if (isAboveProjects(context)) return
  if (await roleOf(context, projectId)) return
  throw new DomainError('FORBIDDEN', `you are not a member of project ${projectId}`, { projectId })
}

/** @throws DomainError UNAUTHENTICATED or FORBIDDEN */
export async function requireOwner(context: IdentityContext, projectId: string): Promise<void> {
  if (isAboveProjects(context)) return
  const role = await roleOf(context, projectId)
  if (role === 'OWNER') return
  const has = role ? `you are its ${role}` : 'you are not a member of it'
  throw new DomainError('FORBIDDEN', `this needs the role OWNER in project ${projectId}; ${has}`, {
    projectId,
    needed: 'OWNER',
  })
}

function isAboveProjects({ caller }: IdentityContext): boolean {
  return caller.kind === 'service' || (caller.kind === 'user' && caller.role === 'ADMINISTRATOR')
}

async function roleOf(
  { access, database }: IdentityContext,
  projectId: string,
): Promise<ProjectRole | undefined> {
  const { userId } = access.requireSignedIn()
  const membership = await database.manager.findOneBy(Membership, { projectId, userId })
  return membership?.role
}
