import { GraphQLDateTime } from '@ymir/graphql'
import { IsInt, Max, Min } from 'class-validator'
import {
  Args,
  ArgsType,
  Ctx,
  Field,
  FieldResolver,
  Float,
  Int,
  ObjectType,
  Resolver,
  Root,
} from 'type-graphql'
import { In } from 'typeorm'
import type { ModelContext } from '../context.ts'
import { Project } from '../stubs.ts'
import { ModelRow } from './model.entity.ts'
import { Model } from './model.types.ts'

@ObjectType({ description: 'How good a model was when it was ready.' })
class MapPoint {
  @Field(() => Model)
  model!: Model

  @Field(() => Float, { description: 'mAP at IoU 0.5 on its test version, 0 to 1.' })
  map50!: number

  @Field(() => GraphQLDateTime)
  finishedAt!: Date
}

@ArgsType()
class TrendArguments {
  @IsInt()
  @Min(1)
  @Max(200)
  @Field(() => Int, { defaultValue: 50, description: 'How many of the newest, 200 at most.' })
  last!: number
}

/** What a list of projects shows of the models of each: one query for all of them. */
@Resolver(() => Project)
export class ProjectBestModelResolver {
  @FieldResolver(() => Model, {
    nullable: true,
    description:
      'The model with the highest mAP at IoU 0.5, each on its own test version; of equal ones the older.',
  })
  async bestModel(
    @Root() { id }: Project,
    @Ctx() { access, database, loader }: ModelContext,
  ): Promise<ModelRow | null> {
    await access.requireProject(id, 'VIEWER')
    return loader<string, ModelRow | null>('best model of project', async (ids) => {
      const rows = await database
        .getRepository(ModelRow)
        .createQueryBuilder('model')
        .distinctOn(['model.projectId'])
        .where(`model.projectId in (:...ids) and model.state = 'READY' and model.map50 is not null`, { ids })
        .orderBy('model.projectId')
        .addOrderBy('model.map50', 'DESC')
        .addOrderBy('model.finishedAt')
        .getMany()
      return ids.map((one) => rows.find(({ projectId }) => projectId === one) ?? null)
    }).load(id)
  }

  @FieldResolver(() => [MapPoint], {
    description: 'The mAP of its ready models, in the order in which they were.',
  })
  async mapTrend(
    @Root() { id }: Project,
    @Args(() => TrendArguments) { last }: TrendArguments,
    @Ctx() { access, database, loader }: ModelContext,
  ): Promise<MapPoint[]> {
    await access.requireProject(id, 'VIEWER')
    return loader<string, MapPoint[]>(`last ${last} mAPs of project`, async (ids) => {
      const newest: { id: string }[] = await database.query(
        `select id from (
           select id, row_number() over (partition by project_id order by finished_at desc, id desc) as place
             from model where project_id = any($1::uuid[]) and state = 'READY' and map50 is not null) ready
          where place <= $2`,
        [ids, last],
      )
      const rows = await database
        .getRepository(ModelRow)
        .find({ where: { id: In(newest.map((row) => row.id)) }, order: { finishedAt: 'ASC', id: 'ASC' } })
      return ids.map((one) => rows.filter(({ projectId }) => projectId === one).flatMap(pointOf))
    }).load(id)
  }
}

function pointOf(model: ModelRow): MapPoint[] {
  const { map50, finishedAt } = model
  return map50 === null || finishedAt === null ? [] : [{ model, map50, finishedAt }]
}
