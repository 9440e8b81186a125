import { IsNotEmpty, Matches, MaxLength } from 'class-validator'
import { Arg, Ctx, Field, InputType, Mutation, ObjectType, Query, Resolver } from 'type-graphql'
import type { ExecutorContext } from '../context.ts'
import { StoredCredentials } from './registry-credentials.entity.ts'

const registryName = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?$/
const registryProblem = {
  message:
    'registry must be a host with or without a port, as references name it, e.g. registry.example.org:5000',
}

@InputType({ description: 'Credentials for a container registry.' })
export class SetRegistryCredentialsInput {
  @Matches(registryName, registryProblem)
  @MaxLength(255)
  @Field(() => String, { description: 'Host and port as references name it; `docker.io` for Docker Hub.' })
  registry!: string

  @IsNotEmpty()
  @MaxLength(500)
  @Field(() => String, { description: 'As the registry knows it.' })
  username!: string

  @IsNotEmpty()
  @MaxLength(10_000)
  @Field(() => String, { description: 'Or a token of the registry. It is stored encrypted and never shown.' })
  password!: string
}

@InputType({ description: 'A registry whose credentials are to be forgotten.' })
export class RemoveRegistryCredentialsInput {
  @Matches(registryName, registryProblem)
  @MaxLength(255)
  @Field(() => String, { description: 'As it was set.' })
  registry!: string
}

@ObjectType({ description: 'The registry that has credentials now.' })
export class SetRegistryCredentialsPayload {
  @Field(() => StoredCredentials)
  registryCredentials!: StoredCredentials
}

@ObjectType({ description: 'What was forgotten.' })
export class RemoveRegistryCredentialsPayload {
  @Field(() => String)
  registry!: string

  @Field(() => Boolean, { description: 'False when there were none.' })
  removed!: boolean
}

@Resolver(() => StoredCredentials)
export class RegistryCredentialsResolver {
  @Query(() => [StoredCredentials], {
    description: 'Registries for which credentials are set, by name; administrators.',
  })
  async registryCredentials(@Ctx() { access, credentials }: ExecutorContext): Promise<StoredCredentials[]> {
    access.requireAdministrator()
    return credentials.list()
  }

  @Mutation(() => SetRegistryCredentialsPayload, {
    description: 'Sets who pulls images from a container registry, in place of whoever did; administrators.',
  })
  async setRegistryCredentials(
    @Arg('input', () => SetRegistryCredentialsInput)
    { registry, username, password }: SetRegistryCredentialsInput,
    @Ctx() { access, caller, credentials }: ExecutorContext,
  ): Promise<SetRegistryCredentialsPayload> {
    access.requireAdministrator()
    const actorId = caller.kind === 'user' ? caller.userId : ''
    return { registryCredentials: await credentials.set(registry, { username, password }, actorId) }
  }

  @Mutation(() => RemoveRegistryCredentialsPayload, {
    description:
      'From now on images are pulled from this registry as by anybody; twice is harmless. Administrators.',
  })
  async removeRegistryCredentials(
    @Arg('input', () => RemoveRegistryCredentialsInput) { registry }: RemoveRegistryCredentialsInput,
    @Ctx() { access, credentials }: ExecutorContext,
  ): Promise<RemoveRegistryCredentialsPayload> {
    access.requireAdministrator()
    return { registry, removed: await credentials.remove(registry) }
  }
}
