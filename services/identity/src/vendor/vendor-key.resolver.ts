import { GraphQLDateTime } from '@ymir/graphql'
import { IsInt, IsUUID, Max, Min } from 'class-validator'
import { Arg, Ctx, Field, ID, InputType, Int, Mutation, ObjectType, Query, Resolver } from 'type-graphql'
import { actorOf } from '../audit/actor.ts'
import type { IdentityContext } from '../context.ts'
import { findVendorOfToken, issueVendorKey, revokeVendorKeys } from './vendor-key.ts'

const longestSeconds = 30 * 24 * 60 * 60

@InputType()
class IssueVendorKeyInput {
  @IsUUID()
  @Field(() => ID)
  vendorId!: string

  @IsInt()
  @Min(0)
  @Max(longestSeconds)
  @Field(() => Int, { description: 'How long earlier tokens of the vendor are good yet; 30 days at most.' })
  earlierSeconds!: number
}

@ObjectType()
class IssueVendorKeyPayload {
  @Field(() => String, { description: 'It is told only here.' })
  token!: string
}

@InputType()
class RevokeVendorKeysInput {
  @IsUUID()
  @Field(() => ID)
  vendorId!: string
}

@ObjectType()
class RevokeVendorKeysPayload {
  @Field(() => ID)
  vendorId!: string
}

@ObjectType({ description: 'Which vendor stands behind a token. For the gateway.' })
class VendorOfToken {
  @Field(() => ID)
  vendorId!: string

  @Field(() => GraphQLDateTime, { nullable: true, description: 'Null: does not expire.' })
  expiresAt!: Date | null
}

/** Only services come here: who may make a vendor is the labeling service's to decide. */
@Resolver()
export class VendorKeyResolver {
  @Mutation(() => IssueVendorKeyPayload, { description: "Makes a vendor's token. For services only." })
  async issueVendorKey(
    @Arg('input', () => IssueVendorKeyInput) input: IssueVendorKeyInput,
    @Ctx() { access, caller, database }: IdentityContext,
  ): Promise<IssueVendorKeyPayload> {
    access.requireService()
    return { token: await issueVendorKey(database, { ...input, actorId: actorOf(caller) }) }
  }

  @Mutation(() => RevokeVendorKeysPayload, { description: 'Ends all tokens of a vendor. For services only.' })
  async revokeVendorKeys(
    @Arg('input', () => RevokeVendorKeysInput) { vendorId }: RevokeVendorKeysInput,
    @Ctx() { access, caller, database }: IdentityContext,
  ): Promise<RevokeVendorKeysPayload> {
    access.requireService()
    await revokeVendorKeys(database, { vendorId, actorId: actorOf(caller) })
    return { vendorId }
  }

  @Query(() => VendorOfToken, {
    nullable: true,
    description: 'Which vendor a token belongs to; null when it is unknown or expired. For services only.',
  })
  vendorOfToken(
    @Arg('token', () => String) token: string,
    @Ctx() { access, database }: IdentityContext,
  ): Promise<VendorOfToken | null> {
    access.requireService()
    return findVendorOfToken(database, token)
  }
}
