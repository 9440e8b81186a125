import { countByDay, DayCount, DaysArguments } from '@ymir/graphql'
import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql'
import type { LabelingContext } from '../context.ts'
import { User } from '../stubs.ts'

const deeds = { table: 'labelling_items', by: 'answered_by', at: 'answered_at' }

@Resolver(() => User)
export class AnswersByDayResolver {
  @FieldResolver(() => [DayCount], {
    description:
      'Images labelled or skipped, each on the day of its last answer, by day, the oldest first. Your own; administrators see everybody’s.',
  })
  answersByDay(
    @Root() { id }: User,
    @Args(() => DaysArguments) { days }: DaysArguments,
    @Ctx() context: LabelingContext,
  ): Promise<DayCount[]> {
    return countByDay(context, id, days, deeds)
  }
}
