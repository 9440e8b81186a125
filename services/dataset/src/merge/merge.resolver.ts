import {
  Connection,
  ConnectionArguments,
  connectionOf,
  DomainError,
  fromCursor,
  type Page,
} from '@ymir/graphql'
import { ArrayMaxSize, ArrayMinSize, IsOptional, IsUUID, MaxLength, ValidateNested } from 'class-validator'
import {
  Arg,
  Args,
  ArgsType,
  Ctx,
  Field,
  FieldResolver,
  ID,
  InputType,
  Int,
  Mutation,
  ObjectType,
  Query,
  Resolver,
  Root,
} from 'type-graphql'
import type { AnnotationSource } from '../annotation/annotation.ts'
import type { DatasetContext } from '../context.ts'
import { loadById, loadVersion } from '../dataset/dataset.resolver.ts'
import { openDataset, targetOf } from '../dataset/dataset.store.ts'
import type { LabelBook } from '../label/label.ts'
import { readLabels } from '../label/label.store.ts'
import { findMergeBase } from '../lineage/ancestors.ts'
import { isReadable, requireReadable } from '../sharing/readable.ts'
import { asDomainError } from '../version/make.ts'
import { NewVersionInput } from '../version/new-version.ts'
import { DatasetVersion } from '../version/version.entity.ts'
import { isUuid, readVersion } from '../version/version.store.ts'
import { misfitOf, type Resolution, Take } from './conflict.ts'
import { MergeConflict, conflictOf } from './conflict.type.ts'
import { type Canvas, drawnAnnotations } from './drawn.ts'
import { Merge } from './merge.entity.ts'
import {
  countConflicts,
  findConflicts,
  openMerge,
  readConflicts,
  readCanvases,
  type StoredConflict,
  storeResolutions,
} from './merge.store.ts'
import { beginMerge, completeMerge } from './merges.ts'
import { ResolvedAnnotationInput } from './resolution.type.ts'

@InputType()
class MergeThreeWayInput extends NewVersionInput {
  @IsUUID()
  @Field(() => ID)
  oursId!: string

  @IsUUID()
  @Field(() => ID)
  theirsId!: string

  @IsOptional()
  @IsUUID()
  @Field(() => ID, {
    nullable: true,
    description: 'The version that both come from; without it their nearest common ancestor.',
  })
  baseId?: string | null
}

@InputType()
class MergeResolutionInput {
  @MaxLength(100)
  @Field(() => ID)
  conflictId!: string

  @Field(() => Take, { nullable: true })
  take?: Take | null

  @IsOptional()
  @ValidateNested()
  @ArrayMaxSize(1_000)
  @Field(() => [ResolvedAnnotationInput], {
    nullable: true,
    description: 'Instead of take: what is there in truth.',
  })
  annotations?: ResolvedAnnotationInput[] | null
}

@InputType()
class ResolveMergeConflictsInput {
  @IsUUID()
  @Field(() => ID)
  mergeId!: string

  @ValidateNested()
  @ArrayMinSize(1)
  @ArrayMaxSize(1_000)
  @Field(() => [MergeResolutionInput])
  resolutions!: MergeResolutionInput[]
}

@InputType()
class MergeIdInput {
  @IsUUID()
  @Field(() => ID)
  mergeId!: string
}

@ObjectType()
class MergePayload {
  @Field(() => Merge)
  merge!: Merge
}

@ArgsType()
class ConflictsArguments extends ConnectionArguments {
  @Field(() => Boolean, { nullable: true, description: 'Only those that are settled, or only the others.' })
  resolved?: boolean | null
}

const MergeConflictConnection = Connection('MergeConflict', () => MergeConflict)

@Resolver(() => Merge)
export class MergeResolver {
  @Query(() => Merge, { nullable: true })
  async merge(@Arg('id', () => ID) id: string, @Ctx() context: DatasetContext): Promise<Merge | null> {
    const merge = isUuid(id) ? await loadById(context, Merge, id) : null
    if (merge) await context.access.requireProject(merge.projectId, 'VIEWER')
    return merge
  }

  @Mutation(() => MergePayload, {
    description:
      'Merges two versions by what each changed since their common ancestor. Without conflicts the merge becomes a version at once.',
  })
  async mergeVersionsThreeWay(
    @Arg('input', () => MergeThreeWayInput) { oursId, theirsId, baseId, note, ...place }: MergeThreeWayInput,
    @Ctx() context: DatasetContext,
  ): Promise<MergePayload> {
    const target = targetOf(place)
    const { access, bus } = context
    return context.database.transaction(async (manager) => {
      const { projectId } = await readVersion(manager, oursId)
      await access.requireProject(projectId, 'EDITOR')
      await requireReadable(context, await readVersion(manager, theirsId))
      const base = baseId ?? (await findMergeBase(manager, oursId, theirsId))
      await requireReadable(context, await readVersion(manager, base))
      const dataset = await openDataset(manager, projectId, target)
      const { userId: actorId } = access.requireSignedIn()
      const asked = { bus, dataset, oursId, theirsId, baseId: base, note: note ?? null, actorId }
      return { merge: await beginMerge(manager, asked) }
    })
  }

  @Mutation(() => MergePayload, {
    description: 'Says how conflicts are settled: all of them, or none when one cannot be. May be said anew.',
  })
  resolveMergeConflicts(
    @Arg('input', () => ResolveMergeConflictsInput) { mergeId, resolutions }: ResolveMergeConflictsInput,
    @Ctx() { access, database }: DatasetContext,
  ): Promise<MergePayload> {
    return database.transaction(async (manager) => {
      const merge = await openMerge(manager, mergeId)
      await access.requireProject(merge.projectId, 'EDITOR')
      const keys = resolutions.map(({ conflictId }) => conflictId)
      const conflicts = new Map((await findConflicts(manager, mergeId, keys)).map((one) => [one.key, one]))
      const labels = await readLabels(manager)
      const canvases = await readCanvases(manager, [...conflicts.values()])
      const source = { kind: 'PERSON', id: access.requireSignedIn().userId } as const
      const settled = resolutions.map(
        (one) =>
          [
            one.conflictId,
            resolutionOf(one, conflicts.get(one.conflictId), canvases, labels, source),
          ] as const,
      )
      await storeResolutions(manager, mergeId, new Map(settled))
      return { merge }
    })
  }

  @Mutation(() => MergePayload, { description: 'Makes the version; every conflict must be settled.' })
  finishMerge(
    @Arg('input', () => MergeIdInput) { mergeId }: MergeIdInput,
    @Ctx() { access, database, bus }: DatasetContext,
  ): Promise<MergePayload> {
    return database.transaction(async (manager) => {
      const merge = await openMerge(manager, mergeId)
      await access.requireProject(merge.projectId, 'EDITOR')
      return { merge: await completeMerge(manager, bus, merge, access.requireSignedIn().userId) }
    })
  }

  @Mutation(() => MergePayload)
  abandonMerge(
    @Arg('input', () => MergeIdInput) { mergeId }: MergeIdInput,
    @Ctx() { access, database }: DatasetContext,
  ): Promise<MergePayload> {
    return database.transaction(async (manager) => {
      const merge = await openMerge(manager, mergeId)
      await access.requireProject(merge.projectId, 'EDITOR')
      return { merge: await manager.save(Merge, { ...merge, state: 'ABANDONED', finishedAt: new Date() }) }
    })
  }

  @FieldResolver(() => DatasetVersion, {
    nullable: true,
    description: 'The first side. Null when you may not see it.',
  })
  ours(@Root() { oursId }: Merge, @Ctx() context: DatasetContext): Promise<DatasetVersion | null> {
    return loadReadable(context, oursId)
  }

  @FieldResolver(() => DatasetVersion, {
    nullable: true,
    description: 'The second side. Null when you may not see it.',
  })
  theirs(@Root() { theirsId }: Merge, @Ctx() context: DatasetContext): Promise<DatasetVersion | null> {
    return loadReadable(context, theirsId)
  }

  @FieldResolver(() => DatasetVersion, {
    nullable: true,
    description: 'What both come from. Null when you may not see it.',
  })
  base(@Root() { baseId }: Merge, @Ctx() context: DatasetContext): Promise<DatasetVersion | null> {
    return loadReadable(context, baseId)
  }

  @FieldResolver(() => DatasetVersion, { nullable: true, description: 'What it became.' })
  version(@Root() { versionId }: Merge, @Ctx() context: DatasetContext): Promise<DatasetVersion | null> {
    return versionId ? loadVersion(context, versionId) : Promise.resolve(null)
  }

  @FieldResolver(() => Int, { description: 'Conflicts that nobody has settled yet.' })
  openConflictCount(@Root() { id }: Merge, @Ctx() { database }: DatasetContext): Promise<number> {
    return countConflicts(database.manager, id, false)
  }

  @FieldResolver(() => MergeConflictConnection)
  async conflicts(
    @Root() { id, projectId }: Merge,
    @Args(() => ConflictsArguments) { first, after, resolved = null }: ConflictsArguments,
    @Ctx() { access, database: { manager } }: DatasetContext,
  ): Promise<Page<MergeConflict>> {
    await access.requireProject(projectId, 'VIEWER')
    const last = after ? String(fromCursor(after, 1)[0]) : ''
    const rows = await readConflicts(manager, id, { resolved, after: last, first: first + 1 })
    return connectionOf(
      rows.map(conflictOf),
      { first, after },
      (conflict) => [conflict.id],
      () => countConflicts(manager, id, resolved),
    )
  }
}

async function loadReadable(context: DatasetContext, id: string): Promise<DatasetVersion | null> {
  const version = await loadVersion(context, id)
  return version && (await isReadable(context, version)) ? version : null
}

/** @throws DomainError for a resolution that does not fit its conflict */
function resolutionOf(
  { conflictId, take, annotations }: MergeResolutionInput,
  stored: StoredConflict | undefined,
  canvases: ReadonlyMap<string, Canvas>,
  labels: LabelBook,
  source: AnnotationSource,
): Resolution {
  if (!stored)
    throw new DomainError('NOT_FOUND', `the merge has no conflict ${conflictId}`, { id: conflictId })
  if (Boolean(take) === Boolean(annotations)) throw unfit(conflictId, 'needs either take or annotations')
  const resolution = take
    ? { take }
    : { annotations: drawn(canvases.get(stored.conflict.assetId)!, annotations ?? [], labels, source) } // of all conflicts
  const misfit = misfitOf(stored.conflict, resolution)
  if (misfit) throw unfit(conflictId, misfit)
  return resolution
}

function drawn(
  canvas: Canvas,
  annotations: readonly ResolvedAnnotationInput[],
  labels: LabelBook,
  source: AnnotationSource,
) {
  try {
    return drawnAnnotations(canvas, annotations, labels).map((one) => ({ ...one, source }))
  } catch (error) {
    throw asDomainError(error)
  }
}

function unfit(conflictId: string, problem: string): DomainError {
  return new DomainError('BAD_USER_INPUT', `conflict ${conflictId} ${problem}`, {
    field: 'resolutions',
    conflictId,
  })
}
