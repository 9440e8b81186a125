import { Ctx, Field, FieldResolver, Float, Int, ObjectType, Resolver, Root } from 'type-graphql'
import type { DataSource } from 'typeorm'
import type { LabelingContext } from '../context.ts'
import { User } from '../stubs.ts'
import { findVendor } from '../vendor/vendor.loader.ts'
import { Vendor } from '../vendor/vendor.type.ts'
import type { LabellingTaskRow } from './labelling-task.entity.ts'
import { LabellingTask } from './labelling-task.type.ts'

@ObjectType({ description: 'How someone is getting on with a labelling task.' })
export class Labeller {
  @Field(() => User, { nullable: true, description: 'Null: a vendor.' })
  user!: User | null

  @Field(() => Int, { description: 'Images whose newest answer is theirs, skipped ones included.' })
  answeredCount!: number

  @Field(() => Int, { description: 'Those of them that they skipped.' })
  skippedCount!: number

  @Field(() => Float, {
    nullable: true,
    description:
      'Median of the seconds from the claim of an image, or their answer before it when that is later, to its answer; of a vendor the median of the seconds that it says; null while unknown.',
  })
  secondsPerImage!: number | null

  @Field(() => Int, { description: 'Reviews that accepted an answer of theirs as it was.' })
  acceptedCount!: number

  @Field(() => Int, { description: 'Reviews that sent an answer of theirs back, or corrected it.' })
  sentBackCount!: number

  @Field(() => Float, {
    nullable: true,
    description: 'Accepted among all reviews, 0 to 1; null without a review.',
  })
  acceptedShare!: number | null
}

@Resolver(() => LabellingTask)
export class LabellersResolver {
  @FieldResolver(() => [Labeller], {
    description:
      'The people and vendors who answered, most answers first; automatic labellers are not among them.',
  })
  labellers(
    @Root() { id }: LabellingTaskRow,
    @Ctx() { database, loader }: LabelingContext,
  ): Promise<LabellerOfTask[]> {
    return loader<string, LabellerOfTask[]>('labellers of task', (ids) => labellersOf(database, ids)).load(id)
  }
}

@Resolver(() => Labeller)
export class LabellerVendorResolver {
  @FieldResolver(() => Vendor, { nullable: true, description: 'Null: a person.' })
  vendor(
    @Root() { vendorId }: LabellerOfTask,
    @Ctx() context: LabelingContext,
  ): Promise<Vendor | null> | null {
    return vendorId === null ? null : findVendor(vendorId, context)
  }
}

/** Exactly one of `user` and `vendorId` is there. */
export interface LabellerOfTask extends Labeller {
  readonly vendorId: string | null
}

interface Row extends Omit<Labeller, 'user' | 'acceptedShare'> {
  readonly taskId: string
  readonly labeller: string
  readonly isVendor: boolean
}

/** Of each task the people and vendors who answered, and how they are getting on; most answers first. */
export async function labellersOf(
  database: DataSource,
  taskIds: readonly string[],
): Promise<LabellerOfTask[][]> {
  const rows: Row[] = await database.query(
    `with answers as (
       select task_id, coalesce(answered_by, answered_by_vendor::text) as labeller, state,
              answered_by is null as is_vendor,
              case when answered_by is null then answer_seconds
                   when claimed_at is not null then greatest(0, extract(epoch from answered_at - greatest(claimed_at,
                lag(answered_at) over (partition by task_id, answered_by order by answered_at)))) end as seconds
         from labelling_items
        where task_id = any($1::uuid[]) and (answered_by is not null or answered_by_vendor is not null)),
     answered as (
       select task_id, labeller, bool_or(is_vendor) as is_vendor, count(*) as answers,
              count(*) filter (where state = 'SKIPPED') as skipped,
              percentile_cont(0.5) within group (order by seconds::float8) as seconds
         from answers group by task_id, labeller),
     reviewed as (
       select task_id, labeller, count(*) filter (where accepted) as accepted,
              count(*) filter (where not accepted) as sent_back
         from labelling_reviews where task_id = any($1::uuid[]) group by task_id, labeller)
     select task_id as "taskId", labeller, coalesce(is_vendor, false) as "isVendor", seconds as "secondsPerImage",
            coalesce(answers, 0)::integer as "answeredCount", coalesce(skipped, 0)::integer as "skippedCount",
            coalesce(accepted, 0)::integer as "acceptedCount", coalesce(sent_back, 0)::integer as "sentBackCount"
       from answered full join reviewed using (task_id, labeller)
      order by "answeredCount" desc, labeller`,
    [taskIds],
  )
  return taskIds.map((id) => rows.filter(({ taskId }) => taskId === id).map(labellerOf))
}

function labellerOf({ labeller, isVendor, ...counts }: Row): LabellerOfTask {
  const reviews = counts.acceptedCount + counts.sentBackCount
  return {
    ...counts,
    user: isVendor ? null : { id: labeller },
    vendorId: isVendor ? labeller : null,
    acceptedShare: reviews ? counts.acceptedCount / reviews : null,
  }
}
