import { countByDay, DayCount, DaysArguments } from '@ymir/graphql'
import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql'
import type { ModelContext } from '../context.ts'
import { User } from '../stubs.ts'

const deeds = { table: 'model', by: 'created_by', at: 'created_at' }

@Resolver(() => User)
export class ModelsByDayResolver {
  @FieldResolver(() => [DayCount], {
    description:
      'Models whose training was asked for by day, the oldest first. Your own; administrators see everybody’s.',
  })
  modelsByDay(
    @Root() { id }: User,
    @Args(() => DaysArguments) { days }: DaysArguments,
    @Ctx() context: ModelContext,
  ): Promise<DayCount[]> {
    return countByDay(context, id, days, deeds)
  }
}
