import { IsUUID } from 'class-validator'
import { Arg, Ctx, Field, ID, InputType, Mutation, ObjectType, Resolver } from 'type-graphql'
import type { DatasetContext } from '../context.ts'
import { requireReadable } from '../sharing/readable.ts'
import { make } from './new-version.ts'
import { sourcesOf } from './operation.ts'
import { recordedWork } from './repeat.ts'
import { DatasetVersion } from './version.entity.ts'
import { parentIdsOf, readVersion } from './version.store.ts'

@InputType()
class RepeatVersionInput {
  @IsUUID()
  @Field(() => ID)
  versionId!: string
}

@ObjectType()
class RepeatVersionPayload {
  @Field(() => DatasetVersion)
  version!: DatasetVersion

  @Field(() => Boolean, { description: 'Whether it came out equal: the same root.' })
  isEqual!: boolean
}

@Resolver()
export class RepeatResolver {
  @Mutation(() => RepeatVersionPayload, {
    description:
      'Does again what made a version, on the same parents with the same parameters and seed; the result is a new version of the same dataset. The error NOT_REPEATABLE says why that cannot be: imports and labelling come from outside.',
  })
  repeatVersion(
    @Arg('input', () => RepeatVersionInput) { versionId }: RepeatVersionInput,
    @Ctx() context: DatasetContext,
  ): Promise<RepeatVersionPayload> {
    return context.database.transaction(async (manager) => {
      const original = await readVersion(manager, versionId)
      const { datasetId, projectId, number } = original
      await context.access.requireProject(projectId, 'EDITOR')
      const work = await recordedWork(manager, original, await parentIdsOf(manager, versionId))
      for (const id of sourcesOf(work)) await requireReadable(context, await readVersion(manager, id))
      const note = `version ${number} made again`
      const version = await make(manager, context, projectId, work, { datasetId }, note)
      return { version, isEqual: version.root === original.root }
    })
  }
}
