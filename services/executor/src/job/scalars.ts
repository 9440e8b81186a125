import { Field, Float, ObjectType } from 'type-graphql'
import type { DataSource } from 'typeorm'

@ObjectType({ description: 'One logged number.' })
export class ScalarPoint {
  @Field(() => Float)
  step!: number

  @Field(() => Float)
  value!: number

  @Field(() => Float, { description: 'When, in Unix seconds.' })
  wallTime!: number
}

@ObjectType({ description: 'The numbers logged under one tag, by step.' })
export class ScalarSeries {
  @Field(() => String, { description: 'For example train/loss.' })
  tag!: string

  @Field(() => [ScalarPoint])
  points!: ScalarPoint[]
}

/** What a job has logged so far. @param tags all when left out */
export async function scalarSeries(
  database: DataSource,
  jobId: string,
  tags?: readonly string[],
): Promise<ScalarSeries[]> {
  const rows: { tag: string; step: string; value: number; wall_time: number }[] = await database.query(
    `select tag, step, value, wall_time from job_scalars
     where job_id = $1 and ($2::text[] is null or tag = any($2)) order by tag, step`,
    [jobId, tags ?? null],
  )
  const series = new Map<string, ScalarPoint[]>()
  for (const { tag, step, value, wall_time: wallTime } of rows) {
    const points = series.get(tag) ?? []
    points.push({ step: Number(step), value, wallTime })
    series.set(tag, points)
  }
  return [...series].map(([tag, points]) => ({ tag, points }))
}
