import { type ProjectRole } from '@ymir/graphql'
import { isUUID, IsUUID, MaxLength } from 'class-validator'
import {
  Arg,
  Ctx,
  Directive,
  Field,
  FieldResolver,
  ID,
  InputType,
  Mutation,
  ObjectType,
  Query,
  Resolver,
  Root,
} from 'type-graphql'
import { In } from 'typeorm'
import { actorOf } from '../audit/actor.ts'
import type { IdentityContext } from '../context.ts'
import { User } from '../user/user.entity.ts'
import { usersById } from '../user/user.loader.ts'
import { Membership, ProjectRoles } from './membership.entity.ts'
import { grantProject, removeMember, setMember } from './membership.ts'
import { requireMember, requireOwner } from './rights.ts'

@Directive('@key(fields: "id")')
@ObjectType()
export class Project {
  @Field(() => ID)
  id!: string
}

@InputType()
class SetMemberInput {
  @IsUUID()
  @Field(() => ID)
  projectId!: string

  @MaxLength(300)
  @Field(() => String, { description: 'Of someone who has signed up.' })
  email!: string

  @Field(() => ProjectRoles)
  role!: ProjectRole
}

@InputType()
abstract class MemberInput {
  @IsUUID()
  @Field(() => ID)
  projectId!: string

  @IsUUID()
  @Field(() => ID)
  userId!: string
}

@InputType()
class RemoveMemberInput extends MemberInput {}

@InputType()
class GrantProjectInput extends MemberInput {}

@ObjectType()
abstract class MembershipPayload {
  @Field(() => Membership)
  membership!: Membership
}

@ObjectType()
class SetMemberPayload extends MembershipPayload {}

@ObjectType()
class RemoveMemberPayload extends MembershipPayload {}

@ObjectType()
class GrantProjectPayload extends MembershipPayload {}

@Resolver(() => Membership)
export class MembershipResolver {
  @FieldResolver(() => User)
  async user(@Root() { userId }: Membership, @Ctx() context: IdentityContext): Promise<User | null> {
    return usersById(context).load(userId)
  }

  @Query(() => Membership, {
    nullable: true,
    description: "Someone's role in a project; null when they have none. For services only.",
  })
  async membership(
    @Arg('projectId', () => ID) projectId: string,
    @Arg('userId', () => ID) userId: string,
    @Ctx() { access, database }: IdentityContext,
  ): Promise<Membership | null> {
    access.requireService()
    if (!isUUID(projectId) || !isUUID(userId)) return null
    return database.manager.findOneBy(Membership, { projectId, userId })
  }

  @Mutation(() => SetMemberPayload, {
    description:
      'Gives someone a role in a project, or another one. For its owners. Codes: NOT_FOUND, LAST_OWNER.',
  })
  async setMember(
    @Arg('input', () => SetMemberInput) input: SetMemberInput,
    @Ctx() context: IdentityContext,
  ): Promise<SetMemberPayload> {
    await requireOwner(context, input.projectId)
    return { membership: await setMember(context, { ...input, actorId: actorOf(context.caller) }) }
  }

  @Mutation(() => RemoveMemberPayload, {
    description:
      'Ends a membership. For owners of the project, and for everybody about themselves. ' +
      'Codes: NOT_FOUND, LAST_OWNER.',
  })
  async removeMember(
    @Arg('input', () => RemoveMemberInput) input: RemoveMemberInput,
    @Ctx() context: IdentityContext,
  ): Promise<RemoveMemberPayload> {
    const actorId = actorOf(context.caller)
    if (input.userId !== actorId) await requireOwner(context, input.projectId)
    return { membership: await removeMember(context, { ...input, actorId }) }
  }

  @Mutation(() => GrantProjectPayload, {
    description: 'Makes someone the first owner of a new project; again changes nothing. For services only.',
  })
  async grantProject(
    @Arg('input', () => GrantProjectInput) input: GrantProjectInput,
    @Ctx() context: IdentityContext,
  ): Promise<GrantProjectPayload> {
    context.access.requireService()
    return { membership: await grantProject(context, input) }
  }
}

@Resolver(() => Project)
export class ProjectResolver {
  @FieldResolver(() => [Membership], { description: 'Who is in it, owners first. For members.' })
  async members(@Root() { id }: Project, @Ctx() context: IdentityContext): Promise<readonly Membership[]> {
    if (!isUUID(id)) return []
    await requireMember(context, id)
    return membersOf(context).load(id)
  }
}

const roleOrder = Object.keys(ProjectRoles)

function membersOf({ loader, database }: IdentityContext) {
  return loader('members of project', async (projectIds: readonly string[]) => {
    const found = await database.manager.findBy(Membership, { projectId: In([...projectIds]) })
    found.sort((a, b) => roleOrder.indexOf(a.role) - roleOrder.indexOf(b.role) || +a.since - +b.since)
    return projectIds.map((id) => found.filter(({ projectId }) => projectId === id))
  })
}
