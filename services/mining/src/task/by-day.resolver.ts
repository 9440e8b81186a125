import { countByDay, DayCount, DaysArguments } from '@ymir/graphql'
import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql'
import type { MiningContext } from '../context.ts'
import { User } from '../stubs.ts'

const deeds = { table: 'mining_task', by: 'created_by', at: 'created_at' }

@Resolver(() => User)
export class MiningTasksByDayResolver {
  @FieldResolver(() => [DayCount], {
    description: 'Mining tasks asked for by day, the oldest first. Your own; administrators see everybody’s.',
  })
  miningTasksByDay(
    @Root() { id }: User,
    @Args(() => DaysArguments) { days }: DaysArguments,
    @Ctx() context: MiningContext,
  ): Promise<DayCount[]> {
    return countByDay(context, id, days, deeds)
  }
}
