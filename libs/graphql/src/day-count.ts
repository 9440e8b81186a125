import { IsInt, Max, Min } from 'class-validator'
import { ArgsType, Directive, Field, Int, ObjectType } from 'type-graphql'
import type { DataSource } from 'typeorm'
import type { RequestContext } from './context.ts'
import { DomainError } from './errors.ts'

@Directive('@shareable')
@ObjectType({ description: 'How often something was done on a day.' })
export class DayCount {
  @Field(() => String, { description: 'A day in UTC, e.g. 2026-11-24.' })
  date!: string

  @Field(() => Int, { description: 'At least 1: days on which nothing was done are left out.' })
  count!: number
}

@ArgsType()
export class DaysArguments {
  @IsInt()
  @Min(1)
  @Max(1_000)
  @Field(() => Int, {
    defaultValue: 365,
    description: 'How many days back, today among them; 1,000 at most.',
  })
  days!: number
}

/** Where a service keeps what was done, by whom and when: names of a table and its columns, from code only. */
export interface Deeds {
  readonly table: string
  readonly by: string
  readonly at: string
}

/**
 * What a user did by day, the oldest first; one query for all users of a request. A user's own only, but for
 * administrators.
 * @throws DomainError FORBIDDEN about others
 */
export function countByDay(
  { access, database, loader }: RequestContext & { readonly database: DataSource },
  userId: string,
  days: number,
  { table, by, at }: Deeds,
): Promise<DayCount[]> {
  if (!access.isAdministrator() && access.requireSignedIn().userId !== userId)
    throw new DomainError('FORBIDDEN', 'what others do by day is for administrators: ask about the viewer')
  return loader<string, DayCount[]>(`${table} by ${by} in ${days} days`, async (ids) => {
    const rows: (DayCount & { who: string })[] = await database.query(
      `select ${by} as who, to_char(${at} at time zone 'UTC', 'YYYY-MM-DD') as date, count(*)::integer as count
         from ${table}
        where ${by} = any($1::text[])
          and ${at} >= (date_trunc('day', now() at time zone 'UTC') - make_interval(days => $2)) at time zone 'UTC'
        group by who, date order by date`,
      [ids, days - 1],
    )
    return ids.map((id) => rows.filter(({ who }) => who === id).map(({ date, count }) => ({ date, count })))
  }).load(userId)
}
