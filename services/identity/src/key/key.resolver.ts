import { DomainError, GraphQLDateTime } from '@ymir/graphql'
import { ArrayNotEmpty, IsIn, IsUUID, Matches, MaxLength } from 'class-validator'
import { Arg, Ctx, Field, ID, InputType, Mutation, ObjectType, Query, Resolver } from 'type-graphql'
import type { IdentityContext } from '../context.ts'
import { visibleName, visibleNameProblem } from '../user/name.ts'
import { ApiKey } from './key.entity.ts'
import { createApiKey, revokeApiKey, scopes } from './key.ts'

@InputType()
class CreateApiKeyInput {
  @Matches(visibleName, visibleNameProblem)
  @MaxLength(100)
  @Field(() => String, { description: 'What it is for; 100 characters at most.' })
  name!: string

  @ArrayNotEmpty()
  @IsIn(scopes, { each: true })
  @Field(() => [String], { description: 'Some of read, write, label.' })
  scopes!: string[]

  @Field(() => GraphQLDateTime, { nullable: true, description: 'Left out: does not expire.' })
  expiresAt?: Date | null
}

@ObjectType()
class CreateApiKeyPayload {
  @Field(() => ApiKey)
  apiKey!: ApiKey

  @Field(() => String, { description: 'Send it as `Authorization: Bearer ...`. It is told only here.' })
  token!: string
}

@InputType()
class RevokeApiKeyInput {
  @IsUUID()
  @Field(() => ID)
  id!: string
}

@ObjectType()
class RevokeApiKeyPayload {
  @Field(() => ApiKey)
  apiKey!: ApiKey
}

@Resolver(() => ApiKey)
export class ApiKeyResolver {
  @Query(() => [ApiKey], { description: 'Your own, newest first.' })
  async apiKeys(@Ctx() { access, database }: IdentityContext): Promise<ApiKey[]> {
    const { userId } = access.requireSignedIn()
    return database.manager.find(ApiKey, { where: { userId }, order: { createdAt: 'DESC', id: 'DESC' } })
  }

  @Mutation(() => CreateApiKeyPayload, { description: 'Makes an API key of yours. Needs a session.' })
  async createApiKey(
    @Arg('input', () => CreateApiKeyInput) input: CreateApiKeyInput,
    @Ctx() context: IdentityContext,
  ): Promise<CreateApiKeyPayload> {
    const userId = requireAccount(context)
    return createApiKey(context.database, userId, { ...input, expiresAt: input.expiresAt ?? null })
  }

  @Mutation(() => RevokeApiKeyPayload, { description: 'Ends an API key of yours. Needs a session.' })
  async revokeApiKey(
    @Arg('input', () => RevokeApiKeyInput) { id }: RevokeApiKeyInput,
    @Ctx() context: IdentityContext,
  ): Promise<RevokeApiKeyPayload> {
    return { apiKey: await revokeApiKey(context.database, requireAccount(context), id) }
  }
}

/** A leaked key must not make itself a successor. */
function requireAccount({ access }: IdentityContext): string {
  const { userId, scopes } = access.requireSignedIn()
  if (scopes.includes('account')) return userId
  throw new DomainError('FORBIDDEN', 'API keys are made and revoked in a session; sign in first', {
    needed: 'account',
  })
}
