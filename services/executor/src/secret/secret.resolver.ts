import { notFound } from '@ymir/graphql'
import { IsNotEmpty, MaxLength, MinLength } from 'class-validator'
import { Arg, Ctx, Field, InputType, Mutation, ObjectType, Query, Resolver } from 'type-graphql'
import type { ExecutorContext } from '../context.ts'
import { Secret } from './secret.entity.ts'

@InputType({ description: 'A value to keep out of the logs of all jobs.' })
export class RegisterSecretInput {
  @IsNotEmpty()
  @MaxLength(200)
  @Field(() => String, { description: 'Names it in the list; a registered one is given the new value.' })
  name!: string

  @MinLength(6)
  @MaxLength(4_096)
  @Field(() => String, {
    description: 'At least 6 characters: shorter ones would be masked in ordinary words.',
  })
  value!: string
}

@InputType({ description: 'A secret that need not be masked any more.' })
export class RemoveSecretInput {
  @IsNotEmpty()
  @MaxLength(200)
  @Field(() => String, { description: 'As it was registered.' })
  name!: string
}

@ObjectType({ description: 'The secret that was registered.' })
export class RegisterSecretPayload {
  @Field(() => Secret, { description: 'Without its value.' })
  secret!: Secret
}

@ObjectType({ description: 'The secret that was removed.' })
export class RemoveSecretPayload {
  @Field(() => String, { description: 'Of the removed one.' })
  name!: string
}

@Resolver(() => Secret)
export class SecretResolver {
  @Query(() => [Secret], { description: 'What is masked in logs, by name; administrators.' })
  secrets(@Ctx() { access, secrets }: ExecutorContext): Promise<Secret[]> {
    access.requireAdministrator()
    return secrets.list()
  }

  @Mutation(() => RegisterSecretPayload, {
    description:
      'From now on the value, and its base64, is *** in logs, messages and failures of jobs; what was logged before stays. Administrators.',
  })
  async registerSecret(
    @Arg('input', () => RegisterSecretInput) { name, value }: RegisterSecretInput,
    @Ctx() { access, secrets }: ExecutorContext,
  ): Promise<RegisterSecretPayload> {
    access.requireAdministrator()
    return { secret: await secrets.register(name, value) }
  }

  @Mutation(() => RemoveSecretPayload, { description: 'It is not masked any more; administrators.' })
  async removeSecret(
    @Arg('input', () => RemoveSecretInput) { name }: RemoveSecretInput,
    @Ctx() { access, secrets }: ExecutorContext,
  ): Promise<RemoveSecretPayload> {
    access.requireAdministrator()
    if (!(await secrets.remove(name))) throw notFound('secret', name)
    return { name }
  }
}
