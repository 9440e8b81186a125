import { DomainError, GraphQLDateTime } from '@ymir/graphql'
import { Matches, MaxLength } from 'class-validator'
import { Arg, Ctx, Field, ID, InputType, Mutation, ObjectType, Query, Resolver } from 'type-graphql'
import type { IdentityContext } from '../context.ts'
import { Membership } from '../membership/membership.entity.ts'
import { visibleName, visibleNameProblem } from '../user/name.ts'
import { longestPassword } from '../user/password.ts'
import { signUp } from '../user/sign-up.ts'
import { User } from '../user/user.entity.ts'
import { countAttempt, limitsOfAddress } from './attempts.ts'
import { findCaller, type TokenCaller } from './caller.ts'
import { openSession, signIn, signOut, type OpenedSession } from './sign-in.ts'

@InputType()
class SignUpInput {
  @MaxLength(300)
  @Field(() => String)
  email!: string

  @Matches(visibleName, visibleNameProblem)
  @MaxLength(100)
  @Field(() => String, { description: 'How others see you; 100 characters at most.' })
  name!: string

  @MaxLength(10 * longestPassword)
  @Field(() => String, { description: 'At least 10 characters; a few words are good.' })
  password!: string
}

@InputType()
class SignInInput {
  @MaxLength(300)
  @Field(() => String)
  email!: string

  @MaxLength(10 * longestPassword)
  @Field(() => String)
  password!: string
}

@ObjectType({ description: 'An open session.' })
class SessionPayload {
  @Field(() => String, { description: 'Send it as `Authorization: Bearer ...`. It is told only here.' })
  token!: string

  @Field(() => GraphQLDateTime)
  expiresAt!: Date

  @Field(() => User)
  user!: User
}

@ObjectType({ description: 'Who stands behind a token. For the gateway.' })
class Caller {
  @Field(() => User)
  user!: User

  @Field(() => [String], {
    description: 'What the token is good for: read, write, label; a session also: account.',
  })
  scopes!: string[]

  @Field(() => [Membership])
  memberships!: Membership[]

  @Field(() => GraphQLDateTime, { nullable: true, description: 'Null: does not expire.' })
  expiresAt!: Date | null

  @Field(() => ID, { nullable: true, description: 'The session; null for an API key.' })
  sessionId!: string | null
}

@Resolver()
export class SessionResolver {
  @Mutation(() => SessionPayload, {
    description:
      'Makes a user and opens a session; the first user is the administrator. ' +
      'Codes: EMAIL_TAKEN, WEAK_PASSWORD, SIGN_UP_CLOSED, RATE_LIMITED.',
  })
  async signUp(
    @Arg('input', () => SignUpInput) input: SignUpInput,
    @Ctx() { caller, database }: IdentityContext,
  ): Promise<OpenedSession> {
    await countAttempt(database, limitsOfAddress(caller.address))
    const user = await signUp(database, input)
    return openSession(database.manager, user)
  }

  @Mutation(() => SessionPayload, {
    description: 'Opens a session. Codes: WRONG_CREDENTIALS, RATE_LIMITED (with `retryAfterSeconds`).',
  })
  async signIn(
    @Arg('input', () => SignInInput) input: SignInInput,
    @Ctx() { caller, database }: IdentityContext,
  ): Promise<OpenedSession> {
    return signIn(database, { ...input, address: caller.address })
  }

  @Mutation(() => Boolean, { description: 'Ends the session that asks, or all sessions of its user.' })
  async signOut(
    @Arg('everywhere', () => Boolean, { defaultValue: false }) everywhere: boolean,
    @Ctx() { access, database }: IdentityContext,
  ): Promise<boolean> {
    const { userId, scopes, sessionId } = access.requireSignedIn()
    if (!scopes.includes('account'))
      throw new DomainError('FORBIDDEN', 'only a session can sign out; revoke an API key with revokeApiKey')
    // a gateway that does not tell which session asks gets all of them ended: too much is safer than too little
    await signOut(database, userId, everywhere ? undefined : sessionId)
    return true
  }

  @Query(() => Caller, {
    nullable: true,
    description:
      'Who a token belongs to; null when it is unknown or expired. For the gateway and services only.',
  })
  async caller(
    @Arg('token', () => String) token: string,
    @Ctx() { access, database }: IdentityContext,
  ): Promise<TokenCaller | null> {
    access.requireService()
    return findCaller(database, token)
  }
}
