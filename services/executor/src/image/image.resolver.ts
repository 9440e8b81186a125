import { DomainError, notFound } from '@ymir/graphql'
import { IsIn, IsNotEmpty, Matches, MaxLength, ValidateIf } from 'class-validator'
import {
  Arg,
  Ctx,
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
import { z } from 'zod'
import type { ExecutorContext } from '../context.ts'
import { driverNames, type DriverName } from '../driver/driver.ts'
import { ExecutorImage } from './image.entity.ts'
import { registerImage, removeImage, updateImage } from './registry.ts'
import { ExecutorImageRevision } from './revision.entity.ts'

@InputType()
export class RegisterExecutorImageInput {
  @IsNotEmpty()
  @MaxLength(200)
  @Field(() => String, { description: 'Unique.' })
  name!: string

  @IsIn(driverNames)
  @Field(() => String, { description: '`process`, `docker` or `slurm`.' })
  driver!: DriverName

  @IsNotEmpty()
  @MaxLength(1000)
  @Field(() => String, {
    description: 'A folder with start.sh and img-man/ on the machine of the executor, or a container image.',
  })
  reference!: string
}

@InputType({ description: 'An executor image.' })
export class ExecutorImageInput {
  @Field(() => ID)
  id!: string
}

@InputType({ description: 'The executor image to look at again.' })
export class UpdateExecutorImageInput extends ExecutorImageInput {}

@InputType({ description: 'The executor image to take back.' })
export class RemoveExecutorImageInput extends ExecutorImageInput {}

@InputType()
export class SetExecutorImageEnabledInput {
  @Field(() => ID)
  id!: string

  @Field(() => Boolean)
  enabled!: boolean
}

@InputType({ description: 'Whom an executor image is for.' })
export class SetExecutorImageSharedInput extends ExecutorImageInput {
  @Field(() => Boolean, { description: 'False: for administrators only.' })
  shared!: boolean
}

@InputType({ description: 'Whether an executor image may have a network.' })
export class SetExecutorImageNetworkInput extends ExecutorImageInput {
  @Field(() => Boolean, { description: 'Without effect on an image that does not ask for it.' })
  allowed!: boolean
}

@InputType({ description: 'Who an executor image’s containers run as.' })
export class SetExecutorImageUserInput extends ExecutorImageInput {
  @ValidateIf((_, user) => user !== null && user !== undefined)
  @Matches(/^\d{1,9}(:\d{1,9})?$/, { message: 'user must be a uid or uid:gid in numbers, e.g. 1000:1000' })
  @Field(() => String, {
    nullable: true,
    description: '`uid` or `uid:gid` in numbers; null: as the image says.',
  })
  user?: string | null
}

@ObjectType()
export class ExecutorImagePayload {
  @Field(() => ExecutorImage)
  executorImage!: ExecutorImage
}

@ObjectType({ description: 'What was taken back.' })
export class RemoveExecutorImagePayload {
  @Field(() => ID)
  id!: string
}

@Resolver(() => ExecutorImage)
export class ExecutorImageResolver {
  @Query(() => [ExecutorImage], {
    description:
      'All executor images, by name; any signed-in user. Those that are not shared: administrators.',
  })
  async executorImages(@Ctx() context: ExecutorContext): Promise<ExecutorImage[]> {
    const { access, caller, database } = context
    if (caller.kind !== 'service') access.requireSignedIn()
    const images = await database.getRepository(ExecutorImage).find({ order: { name: 'ASC' } })
    return images.filter((image) => maySee(image, context))
  }

  @Query(() => ExecutorImage, {
    nullable: true,
    description: 'Any signed-in user; one that is not shared: administrators.',
  })
  async executorImage(
    @Arg('id', () => ID) id: string,
    @Ctx() context: ExecutorContext,
  ): Promise<ExecutorImage | null> {
    if (context.caller.kind !== 'service') context.access.requireSignedIn()
    const image = await findImage(id, context)
    return image && maySee(image, context) ? image : null
  }

  @Mutation(() => ExecutorImagePayload, {
    description:
      'Reads what an image says about itself, without running it, and offers it to all. A container image that is not on the machine of the executor is pulled: this returns at once, `executorImageProgress` follows it. Administrators.',
  })
  async registerExecutorImage(
    @Arg('input', () => RegisterExecutorImageInput) { name, driver, reference }: RegisterExecutorImageInput,
    @Ctx() context: ExecutorContext,
  ): Promise<ExecutorImagePayload> {
    context.access.requireAdministrator()
    return { executorImage: await registerImage(context, { name, driver, reference }) }
  }

  @Mutation(() => ExecutorImagePayload, {
    description:
      'Looks again what the reference names: a container image is pulled again, and another digest is the current revision from then on; earlier ones stay. Also tries again what FAILED. Returns at once. Administrators.',
  })
  async updateExecutorImage(
    @Arg('input', () => UpdateExecutorImageInput) { id }: UpdateExecutorImageInput,
    @Ctx() context: ExecutorContext,
  ): Promise<ExecutorImagePayload> {
    return { executorImage: await updateImage(context, await imageToChange(id, context)) }
  }

  @Mutation(() => RemoveExecutorImagePayload, {
    description:
      'Takes back a registration that no job has used, and stops its pull; other images can be disabled. Administrators.',
  })
  async removeExecutorImage(
    @Arg('input', () => RemoveExecutorImageInput) { id }: RemoveExecutorImageInput,
    @Ctx() context: ExecutorContext,
  ): Promise<RemoveExecutorImagePayload> {
    await removeImage(context, await imageToChange(id, context))
    return { id }
  }

  @Mutation(() => ExecutorImagePayload, {
    description: 'A disabled image starts no new jobs; administrators.',
  })
  async setExecutorImageEnabled(
    @Arg('input', () => SetExecutorImageEnabledInput) { id, enabled }: SetExecutorImageEnabledInput,
    @Ctx() context: ExecutorContext,
  ): Promise<ExecutorImagePayload> {
    return change(id, { enabled }, context)
  }

  @Mutation(() => ExecutorImagePayload, {
    description: 'An image that is not shared is seen and used by administrators only; administrators.',
  })
  async setExecutorImageShared(
    @Arg('input', () => SetExecutorImageSharedInput) { id, shared }: SetExecutorImageSharedInput,
    @Ctx() context: ExecutorContext,
  ): Promise<ExecutorImagePayload> {
    return change(id, { shared }, context)
  }

  @Mutation(() => ExecutorImagePayload, {
    description:
      'Whether containers of an image that asks for it have the engine’s network, from their next start on; administrators.',
  })
  async setExecutorImageNetwork(
    @Arg('input', () => SetExecutorImageNetworkInput) { id, allowed }: SetExecutorImageNetworkInput,
    @Ctx() context: ExecutorContext,
  ): Promise<ExecutorImagePayload> {
    return changeContainers(id, { networkAllowed: allowed }, context)
  }

  @Mutation(() => ExecutorImagePayload, {
    description: 'Who an image’s containers run as, from their next start on; administrators.',
  })
  async setExecutorImageUser(
    @Arg('input', () => SetExecutorImageUserInput) { id, user }: SetExecutorImageUserInput,
    @Ctx() context: ExecutorContext,
  ): Promise<ExecutorImagePayload> {
    return changeContainers(id, { user: user ?? null }, context)
  }

  @FieldResolver(() => [ExecutorImageRevision], {
    description: 'Container images that the reference has named so far, newest first; empty for folders.',
  })
  revisions(
    @Root() { id }: ExecutorImage,
    @Ctx() { loader, database }: ExecutorContext,
  ): Promise<ExecutorImageRevision[]> {
    const revisions = loader<string, ExecutorImageRevision[]>('revisions', async (ids) => {
      const rows = await database.getRepository(ExecutorImageRevision).find({
        where: { executorImageId: In([...ids]) },
        order: { createdAt: 'DESC', digest: 'ASC' },
      })
      return ids.map((one) => rows.filter(({ executorImageId }) => executorImageId === one))
    })
    return revisions.load(id)
  }
}

function maySee({ shared }: ExecutorImage, { caller }: ExecutorContext): boolean {
  return shared || caller.kind === 'service' || (caller.kind === 'user' && caller.role === 'ADMINISTRATOR')
}

/** @throws DomainError FORBIDDEN, NOT_FOUND */
async function imageToChange(id: string, context: ExecutorContext): Promise<ExecutorImage> {
  context.access.requireAdministrator()
  const image = await findImage(id, context)
  if (!image) throw notFound('executor image', id)
  return image
}

type Changes = Partial<Pick<ExecutorImage, 'enabled' | 'shared' | 'networkAllowed' | 'user'>>

/** Only these columns: a pull may be writing others. */
async function change(id: string, changes: Changes, context: ExecutorContext): Promise<ExecutorImagePayload> {
  const image = await imageToChange(id, context)
  const images = context.database.getRepository(ExecutorImage)
  await images.update({ id: image.id }, changes)
  return { executorImage: await images.findOneByOrFail({ id: image.id }) }
}

async function changeContainers(
  id: string,
  changes: Changes,
  context: ExecutorContext,
): Promise<ExecutorImagePayload> {
  const { driver } = await imageToChange(id, context)
  if (driver === 'docker') return change(id, changes, context)
  throw new DomainError(
    'CONFLICT',
    'a folder runs as a process of the executor’s machine, with the network and the rights of the service: pack it as a container image',
    { id },
  )
}

/** One query for all images that a request needs. */
export function findImage(id: string, { loader, database }: ExecutorContext): Promise<ExecutorImage | null> {
  const images = loader<string, ExecutorImage | null>('executorImage', async (ids) => {
    const valid = ids.filter((one) => z.guid().safeParse(one).success)
    const rows = await database.getRepository(ExecutorImage).findBy({ id: In(valid) })
    const byId = new Map(rows.map((row) => [row.id, row]))
    return ids.map((one) => byId.get(one) ?? null)
  })
  return images.load(id)
}
