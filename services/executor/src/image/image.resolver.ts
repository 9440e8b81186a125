import { notFound } from '@ymir/graphql'
import { IsIn, IsNotEmpty, MaxLength } from 'class-validator'
import { Arg, Ctx, Field, ID, InputType, Mutation, ObjectType, Query, Resolver } from 'type-graphql'
import { In } from 'typeorm'
import { z } from 'zod'
import type { ExecutorContext } from '../context.ts'
import { driverNames, type DriverName } from '../driver/driver.ts'
import { ExecutorImage } from './image.entity.ts'
import { registerImage } from './registry.ts'

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

@InputType()
export class SetExecutorImageEnabledInput {
  @Field(() => ID)
  id!: string

  @Field(() => Boolean)
  enabled!: boolean
}

@ObjectType()
export class ExecutorImagePayload {
  @Field(() => ExecutorImage)
  executorImage!: ExecutorImage
}

@Resolver(() => ExecutorImage)
export class ExecutorImageResolver {
  @Query(() => [ExecutorImage], { description: 'All executor images, by name; any signed-in user.' })
  async executorImages(@Ctx() { access, caller, database }: ExecutorContext): Promise<ExecutorImage[]> {
    if (caller.kind !== 'service') access.requireSignedIn()
    return database.getRepository(ExecutorImage).find({ order: { name: 'ASC' } })
  }

  @Query(() => ExecutorImage, { nullable: true, description: 'Any signed-in user.' })
  async executorImage(
    @Arg('id', () => ID) id: string,
    @Ctx() context: ExecutorContext,
  ): Promise<ExecutorImage | null> {
    if (context.caller.kind !== 'service') context.access.requireSignedIn()
    return findImage(id, context)
  }

  @Mutation(() => ExecutorImagePayload, {
    description:
      'Reads what an image says about itself, without running it, and offers it to all; administrators.',
  })
  async registerExecutorImage(
    @Arg('input', () => RegisterExecutorImageInput) { name, driver, reference }: RegisterExecutorImageInput,
    @Ctx() { access, database, drivers }: ExecutorContext,
  ): Promise<ExecutorImagePayload> {
    access.requireAdministrator()
    return { executorImage: await registerImage(database, drivers, { name, driver, reference }) }
  }

  @Mutation(() => ExecutorImagePayload, {
    description: 'A disabled image starts no new jobs; administrators.',
  })
  async setExecutorImageEnabled(
    @Arg('input', () => SetExecutorImageEnabledInput) { id, enabled }: SetExecutorImageEnabledInput,
    @Ctx() context: ExecutorContext,
  ): Promise<ExecutorImagePayload> {
    context.access.requireAdministrator()
    const image = await findImage(id, context)
    if (!image) throw notFound('executor image', id)
    const executorImage = await context.database.getRepository(ExecutorImage).save({ ...image, enabled })
    return { executorImage }
  }
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
