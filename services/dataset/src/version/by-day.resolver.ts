import { countByDay, DayCount, DaysArguments } from '@ymir/graphql'
import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql'
import type { DatasetContext } from '../context.ts'
import { User } from '../project/user.ts'

const deeds = { table: 'dataset_versions', by: 'created_by', at: 'created_at' }

@Resolver(() => User)
export class VersionsByDayResolver {
  @FieldResolver(() => [DayCount], {
    description: 'Dataset versions made by day, the oldest first. Your own; administrators see everybody’s.',
  })
  versionsByDay(
    @Root() { id }: User,
    @Args(() => DaysArguments) { days }: DaysArguments,
    @Ctx() context: DatasetContext,
  ): Promise<DayCount[]> {
    return countByDay(context, id, days, deeds)
  }
}
