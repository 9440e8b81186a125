import { Connection, ConnectionArguments, connectionOf, fromCursor, type Page } from '@ymir/graphql'
import { Arg, Args, Ctx, FieldResolver, ID, Int, ObjectType, Query, Resolver, Root } from 'type-graphql'
import { readEntries } from '../asset/entry.store.ts'
import type { DatasetContext } from '../context.ts'
import { requireReadable } from '../sharing/readable.ts'
import { type Change, changesAfter, type Diff, diffVersions } from './diff.ts'
import { readPagesApart } from './diff.store.ts'
import { changeOf, DatasetChange, LabelChange, labelChangesOf } from './diff.type.ts'
import { StoredEntries } from './stored-entries.ts'
import type { DatasetVersion } from './version.entity.ts'
import { readVersion } from './version.store.ts'

@ObjectType({ description: 'What is different between two versions.' })
class DatasetDiff {
  from!: DatasetVersion
  to!: DatasetVersion
  /** Counted once for all fields, and not when none is asked for. */
  counts!: () => Promise<Diff>
}

const DatasetChangeConnection = Connection('DatasetChange', () => DatasetChange)

@Resolver(() => DatasetDiff)
export class DiffResolver {
  @Query(() => DatasetDiff, { description: 'What is different from one version to another.' })
  async datasetDiff(
    @Arg('from', () => ID) fromId: string,
    @Arg('to', () => ID) toId: string,
    @Ctx() context: DatasetContext,
  ): Promise<DatasetDiff> {
    const { manager } = context.database
    const [from, to] = [await readVersion(manager, fromId), await readVersion(manager, toId)]
    for (const version of [from, to]) await requireReadable(context, version)
    let counted: Promise<Diff> | undefined
    return { from, to, counts: () => (counted ??= countChanges(context, from, to)) }
  }

  @FieldResolver(() => Int, { description: 'Assets only in the second.' })
  async added(@Root() { counts }: DatasetDiff): Promise<number> {
    return (await counts()).added
  }

  @FieldResolver(() => Int, { description: 'Assets only in the first.' })
  async removed(@Root() { counts }: DatasetDiff): Promise<number> {
    return (await counts()).removed
  }

  @FieldResolver(() => Int, { description: 'Assets in both, with different ground truth.' })
  async changed(@Root() { counts }: DatasetDiff): Promise<number> {
    return (await counts()).changed
  }

  @FieldResolver(() => [LabelChange], { description: 'Labels that occur more or less often, by name.' })
  labels(@Root() { from, to }: DatasetDiff): LabelChange[] {
    return labelChangesOf(from, to)
  }

  @FieldResolver(() => DatasetChangeConnection, {
    description: 'The assets that are different, with what is different in them.',
  })
  async changes(
    @Root() { from, to, counts }: DatasetDiff,
    @Args(() => ConnectionArguments) { first, after }: ConnectionArguments,
    @Ctx() { database }: DatasetContext,
  ): Promise<Page<DatasetChange>> {
    const last = after ? Number(fromCursor(after, 1)[0]) : -1
    const changes = await database.transaction(async (manager) => {
      const apart = await readPagesApart(manager, from.id, to.id)
      const shown: Change[] = []
      for await (const change of changesAfter(last, apart.from, apart.to, new StoredEntries(manager)))
        if (shown.push(change) > first) break // one more tells that there is a next page
      const serials = shown.flatMap((change) =>
        ('from' in change ? [change.from] : []).concat('to' in change ? [change.to] : []),
      )
      const entries = new Map((await readEntries(manager, serials)).map((entry) => [entry.serial, entry]))
      return shown.map((change) => changeOf(change, entries, { from: from.id, to: to.id }))
    })
    return connectionOf(
      changes,
      { first, after },
      ({ place }) => [place],
      async () => {
        const { added, removed, changed } = await counts()
        return added + removed + changed
      },
    )
  }
}

function countChanges({ database }: DatasetContext, from: DatasetVersion, to: DatasetVersion): Promise<Diff> {
  return database.transaction(async (manager) => {
    const apart = await readPagesApart(manager, from.id, to.id)
    return diffVersions(apart.from, apart.to, new StoredEntries(manager))
  })
}
