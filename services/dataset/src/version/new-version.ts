import { IsOptional, IsUUID } from 'class-validator'
import { Field, ID, InputType, ObjectType } from 'type-graphql'
import type { EntityManager } from 'typeorm'
import type { DatasetContext } from '../context.ts'
import { openDataset, type Target, targetOf } from '../dataset/dataset.store.ts'
import { requireReadable } from '../sharing/readable.ts'
import { makeVersion } from './make.ts'
import { sourcesOf, type Work } from './operation.ts'
import { DatasetVersion } from './version.entity.ts'
import { readVersion } from './version.store.ts'

@InputType()
export abstract class NewVersionInput {
  @IsOptional()
  @IsUUID()
  @Field(() => ID, { nullable: true, description: 'The dataset that gets the version.' })
  datasetId?: string | null

  @Field(() => String, { nullable: true, description: 'Instead of datasetId: the name of a new dataset.' })
  name?: string | null

  @Field(() => String, { nullable: true, description: 'Why it was made.' })
  note?: string | null
}

@ObjectType()
export class VersionPayload {
  @Field(() => DatasetVersion)
  version!: DatasetVersion
}

export async function makeOne(
  context: DatasetContext,
  work: Work,
  input: NewVersionInput,
): Promise<VersionPayload> {
  const target = targetOf(input)
  const projectId = await checkAccess(context, work)
  const version = await context.database.transaction((manager) =>
    make(manager, context, projectId, work, target, input.note),
  )
  return { version }
}

export async function make(
  manager: EntityManager,
  { bus, access }: DatasetContext,
  projectId: string,
  work: Work,
  target: Target,
  note?: string | null,
): Promise<DatasetVersion> {
  const dataset = await openDataset(manager, projectId, target)
  return makeVersion(manager, { bus, dataset, work, note, actorId: access.requireSignedIn().userId })
}

/** Reads may come from any project of the caller's. @throws DomainError NOT_FOUND or FORBIDDEN */
export async function requireSources(context: DatasetContext, work: Work): Promise<DatasetVersion[]> {
  const { manager } = context.database
  const versions = await Promise.all(sourcesOf(work).map((id) => readVersion(manager, id)))
  for (const version of versions) await requireReadable(context, version)
  return versions
}

/** Reads may come from any project of the caller's; the result goes into the project of the first version. */
export async function checkAccess(context: DatasetContext, work: Work): Promise<string> {
  const [first] = await requireSources(context, work)
  const { projectId } = first! // inputs name at least one
  await context.access.requireProject(projectId, 'EDITOR')
  return projectId
}
