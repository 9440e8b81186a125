import { Connection, ConnectionArguments, keysetPage, type Page, type Role } from '@ymir/graphql'
import { IsUUID } from 'class-validator'
import { Arg, Args, Ctx, Field, ID, InputType, Mutation, ObjectType, Query, Resolver } from 'type-graphql'
import { actorOf } from '../audit/actor.ts'
import type { IdentityContext } from '../context.ts'
import { setSignUpOpen, setUserRole } from './roles.ts'
import { isSetUpNeeded, isSignUpOpen } from './sign-up.ts'
import { Roles, User } from './user.entity.ts'
import { usersById } from './user.loader.ts'

const UserConnection = Connection('User', () => User)

@InputType()
class SetUserRoleInput {
  @IsUUID()
  @Field(() => ID)
  userId!: string

  @Field(() => Roles)
  role!: Role
}

@ObjectType()
class SetUserRolePayload {
  @Field(() => User)
  user!: User
}

@InputType()
class SetSignUpOpenInput {
  @Field(() => Boolean)
  open!: boolean
}

@ObjectType()
class SetSignUpOpenPayload {
  @Field(() => Boolean)
  signUpOpen!: boolean
}

@Resolver(() => User)
export class UserResolver {
  @Query(() => User, { nullable: true, description: 'Who asks; null without a token.' })
  async viewer(@Ctx() context: IdentityContext): Promise<User | null> {
    const { caller } = context
    return caller.kind === 'user' ? usersById(context).load(caller.userId) : null
  }

  @Query(() => UserConnection, { description: 'Everybody, newest first. For administrators.' })
  async users(
    @Args(() => ConnectionArguments) page: ConnectionArguments,
    @Ctx() { access, database }: IdentityContext,
  ): Promise<Page<User>> {
    access.requireAdministrator()
    return keysetPage(database.manager.createQueryBuilder(User, 'user'), page)
  }

  @Query(() => Boolean, {
    description:
      'Whether nobody has signed up yet: whoever signs up first is the administrator. Open to all.',
  })
  async setUpNeeded(@Ctx() { database }: IdentityContext): Promise<boolean> {
    return isSetUpNeeded(database.manager)
  }

  @Query(() => Boolean, { description: 'Whether anybody may sign up. Open to all.' })
  async signUpOpen(@Ctx() { database }: IdentityContext): Promise<boolean> {
    return isSignUpOpen(database.manager)
  }

  @Mutation(() => SetUserRolePayload, {
    description: 'Gives someone a role in the workspace. For administrators; the last one stays one.',
  })
  async setUserRole(
    @Arg('input', () => SetUserRoleInput) { userId, role }: SetUserRoleInput,
    @Ctx() { access, caller, database }: IdentityContext,
  ): Promise<SetUserRolePayload> {
    access.requireAdministrator()
    return { user: await setUserRole(database, { userId, role, actorId: actorOf(caller) }) }
  }

  @Mutation(() => SetSignUpOpenPayload, {
    description: 'Opens or closes sign-up for people who come by themselves. For administrators.',
  })
  async setSignUpOpen(
    @Arg('input', () => SetSignUpOpenInput) { open }: SetSignUpOpenInput,
    @Ctx() { access, caller, database }: IdentityContext,
  ): Promise<SetSignUpOpenPayload> {
    access.requireAdministrator()
    await setSignUpOpen(database, { open, actorId: actorOf(caller) })
    return { signUpOpen: open }
  }
}
