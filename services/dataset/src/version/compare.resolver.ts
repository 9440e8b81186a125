import { Arg, Ctx, Field, ID, Int, ObjectType, Query, Resolver } from 'type-graphql'
import type { DatasetContext } from '../context.ts'
import { requireReadable } from '../sharing/readable.ts'
import { DatasetVersion } from './version.entity.ts'
import { readVersion } from './version.store.ts'

@ObjectType({ description: 'A label in two versions; 0 where it does not occur.' })
class LabelComparison {
  @Field(() => String)
  label!: string

  @Field(() => Int)
  annotationCountFrom!: number

  @Field(() => Int)
  annotationCountTo!: number

  @Field(() => Int)
  assetCountFrom!: number

  @Field(() => Int)
  assetCountTo!: number
}

@ObjectType({
  description: 'Two versions side by side; `from` and `to` have the histograms, with equal bins.',
})
class StatisticsComparison {
  @Field(() => DatasetVersion)
  from!: DatasetVersion

  @Field(() => DatasetVersion)
  to!: DatasetVersion

  @Field(() => [LabelComparison], { description: 'Labels of either, by name.' })
  labels!: LabelComparison[]
}

@Resolver()
export class CompareResolver {
  @Query(() => StatisticsComparison, { description: 'The statistics of two versions side by side.' })
  async compareStatistics(
    @Arg('from', () => ID) fromId: string,
    @Arg('to', () => ID) toId: string,
    @Ctx() context: DatasetContext,
  ): Promise<StatisticsComparison> {
    const { manager } = context.database
    const from = await readVersion(manager, fromId)
    const to = await readVersion(manager, toId)
    for (const version of [from, to]) await requireReadable(context, version)
    return { from, to, labels: compareLabels(from.counts.labels, to.counts.labels) }
  }
}

type Labels = DatasetVersion['counts']['labels']

function compareLabels(from: Labels, to: Labels): LabelComparison[] {
  const [before, after] = [new Map(Object.entries(from)), new Map(Object.entries(to))]
  return [...new Set([...before.keys(), ...after.keys()])]
    .sort((one, other) => one.localeCompare(other, 'en'))
    .map((label) => ({
      label,
      annotationCountFrom: before.get(label)?.annotationCount ?? 0,
      annotationCountTo: after.get(label)?.annotationCount ?? 0,
      assetCountFrom: before.get(label)?.assetCount ?? 0,
      assetCountTo: after.get(label)?.assetCount ?? 0,
    }))
}
