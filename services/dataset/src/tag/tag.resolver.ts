import { DomainError, notFound } from '@ymir/graphql'
import { IsOptional, IsUUID, MaxLength } from 'class-validator'
import {
  Arg,
  Ctx,
  Field,
  FieldResolver,
  ID,
  InputType,
  Mutation,
  ObjectType,
  Resolver,
  Root,
} from 'type-graphql'
import type { EntityManager } from 'typeorm'
import type { DatasetContext } from '../context.ts'
import { Dataset } from '../dataset/dataset.entity.ts'
import { loadVersion } from '../dataset/dataset.resolver.ts'
import { User } from '../project/user.ts'
import { DatasetVersion } from '../version/version.entity.ts'
import { readVersion } from '../version/version.store.ts'
import { problemOfTagName } from './tag.ts'
import {
  findTag,
  removeTag,
  requireTag,
  setTag,
  tagMoves,
  tagsOfDatasets,
  tagsOfVersions,
} from './tag.store.ts'
import { VersionTag } from './tag.type.ts'

@InputType()
class TagVersionInput {
  @IsUUID()
  @Field(() => ID)
  datasetId!: string

  @Field(() => String, { description: 'Letters, digits, ".", "_", "/" and "-"; 100 at most.' })
  name!: string

  @IsUUID()
  @Field(() => ID, { description: 'A version of the dataset.' })
  versionId!: string

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Whether a tag that names another version shall name this one.',
  })
  move!: boolean

  @Field(() => Boolean, {
    nullable: true,
    description: 'Whether only owners may move or delete it from now on. For owners.',
  })
  protected?: boolean | null
}

@InputType()
class DeleteVersionTagInput {
  @IsUUID()
  @Field(() => ID)
  datasetId!: string

  @Field(() => String)
  name!: string
}

@InputType()
class SetVersionNoteInput {
  @IsUUID()
  @Field(() => ID)
  versionId!: string

  @IsOptional()
  @MaxLength(10_000)
  @Field(() => String, { nullable: true, description: 'Null: no note.' })
  note?: string | null
}

@ObjectType()
class TagPayload {
  @Field(() => VersionTag)
  tag!: VersionTag
}

@ObjectType()
class DatasetPayload {
  @Field(() => Dataset)
  dataset!: Dataset
}

@ObjectType()
class VersionNotePayload {
  @Field(() => DatasetVersion)
  version!: DatasetVersion
}

@Resolver(() => VersionTag)
export class TagResolver {
  @Mutation(() => TagPayload, { description: 'Gives a version a name in its dataset, or moves the name.' })
  tagVersion(
    @Arg('input', () => TagVersionInput) input: TagVersionInput,
    @Ctx() { access, database, bus }: DatasetContext,
  ): Promise<TagPayload> {
    const { datasetId, versionId, name, move } = input
    const problem = problemOfTagName(name)
    if (problem)
      throw new DomainError('BAD_USER_INPUT', `the name of the tag ${problem}`, {
        field: 'name',
        found: name,
      })
    return database.transaction(async (manager) => {
      const dataset = await lockDataset(manager, datasetId)
      const { projectId } = dataset
      await access.requireProject(projectId, 'EDITOR')
      const version = await readVersion(manager, versionId)
      if (version.datasetId !== datasetId) throw notFound('version of this dataset', versionId)
      const before = await findTag(manager, datasetId, name)
      const isMoved = before !== null && before.versionId !== versionId
      if (isMoved && !move) throw tagMoves(before, versionId)
      const isProtected = input.protected ?? before?.isProtected ?? false
      const changesProtection = isProtected !== (before?.isProtected ?? false)
      if ((isMoved && before.isProtected) || changesProtection)
        await access.requireProject(projectId, 'OWNER')
      const actorId = access.requireSignedIn().userId
      const tag = { projectId, datasetId, versionId, name, isProtected, actorId }
      return { tag: await setTag(manager, bus, tag, before) }
    })
  }

  @Mutation(() => DatasetPayload, { description: 'Protected tags: for owners.' })
  deleteVersionTag(
    @Arg('input', () => DeleteVersionTagInput) { datasetId, name }: DeleteVersionTagInput,
    @Ctx() { access, database, bus }: DatasetContext,
  ): Promise<DatasetPayload> {
    return database.transaction(async (manager) => {
      const dataset = await lockDataset(manager, datasetId)
      const { projectId } = dataset
      await access.requireProject(projectId, 'EDITOR')
      const tag = await requireTag(manager, datasetId, name)
      if (tag.isProtected) await access.requireProject(projectId, 'OWNER')
      const actorId = access.requireSignedIn().userId
      await removeTag(manager, bus, { projectId, datasetId, actorId }, tag)
      return { dataset }
    })
  }

  @Mutation(() => VersionNotePayload, {
    description: 'Says why a version is there. What it holds never changes.',
  })
  async setVersionNote(
    @Arg('input', () => SetVersionNoteInput) { versionId, note }: SetVersionNoteInput,
    @Ctx() { access, database: { manager } }: DatasetContext,
  ): Promise<VersionNotePayload> {
    const version = await readVersion(manager, versionId)
    await access.requireProject(version.projectId, 'EDITOR')
    version.note = note ?? null
    await manager.update(DatasetVersion, { id: versionId }, { note: version.note })
    return { version }
  }

  @FieldResolver(() => DatasetVersion)
  version(@Root() { versionId }: VersionTag, @Ctx() context: DatasetContext): Promise<DatasetVersion | null> {
    return loadVersion(context, versionId)
  }

  @FieldResolver(() => User, { description: 'Who set or moved it.' })
  setBy(@Root() { setById }: VersionTag): User {
    return { id: setById }
  }
}

@Resolver(() => Dataset)
export class DatasetTagsResolver {
  @FieldResolver(() => [VersionTag], { description: 'By name.' })
  tags(@Root() { id }: Dataset, @Ctx() { loader, database }: DatasetContext): Promise<VersionTag[]> {
    return loader<string, VersionTag[]>('tags of dataset', (ids) =>
      tagsOfDatasets(database.manager, ids),
    ).load(id)
  }
}

@Resolver(() => DatasetVersion)
export class VersionTagsResolver {
  @FieldResolver(() => [VersionTag], { description: 'Names that it has in its dataset.' })
  tags(@Root() { id }: DatasetVersion, @Ctx() { loader, database }: DatasetContext): Promise<VersionTag[]> {
    return loader<string, VersionTag[]>('tags of version', (ids) =>
      tagsOfVersions(database.manager, ids),
    ).load(id)
  }
}

/** Tags of a dataset are set one after the other. */
async function lockDataset(manager: EntityManager, id: string): Promise<Dataset> {
  const dataset = await manager.findOne(Dataset, { where: { id }, lock: { mode: 'pessimistic_write' } })
  if (!dataset) throw notFound('dataset', id)
  return dataset
}
