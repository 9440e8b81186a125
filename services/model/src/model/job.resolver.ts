import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql'
import { In, type FindOptionsWhere } from 'typeorm'
import type { ModelContext } from '../context.ts'
import { EvaluationRow } from '../evaluation/evaluation.entity.ts'
import { Evaluation } from '../evaluation/evaluation.types.ts'
import { InferenceRow } from '../inference/inference.entity.ts'
import { Inference } from '../inference/inference.resolver.ts'
import { Job } from '../stubs.ts'
import { ModelRow } from './model.entity.ts'
import { Model } from './model.types.ts'

/** What a job is for; of a job that was tried again, the new one has it. */
@Resolver(() => Job)
export class JobWorkResolver {
  @FieldResolver(() => Model, {
    nullable: true,
    description: 'The model that it trains; null when it trains none.',
  })
  model(@Root() { id }: Job, @Ctx() context: ModelContext): Promise<ModelRow | null> {
    return workOf(ModelRow, id, context)
  }

  @FieldResolver(() => Evaluation, {
    nullable: true,
    description: 'The evaluation that waits for it; null when none does.',
  })
  evaluation(@Root() { id }: Job, @Ctx() context: ModelContext): Promise<EvaluationRow | null> {
    return workOf(EvaluationRow, id, context)
  }

  @FieldResolver(() => Inference, {
    nullable: true,
    description: 'The inference on photos that waits for it; null when none does.',
  })
  inference(@Root() { id }: Job, @Ctx() context: ModelContext): Promise<InferenceRow | null> {
    return workOf(InferenceRow, id, context)
  }
}

interface Work {
  jobId: string
  projectId: string
}

/** One query for all jobs of a request; null for what the caller may not see. */
async function workOf<Row extends Work>(
  entity: new () => Row,
  jobId: string,
  { access, database, loader }: ModelContext,
): Promise<Row | null> {
  const work = await loader<string, Row | null>(`${entity.name} of job`, async (ids) => {
    // every entity here has the column jobId, which a type parameter cannot tell TypeORM
    const where = { jobId: In([...ids]) } as FindOptionsWhere<Row>
    const rows = await database.getRepository(entity).findBy(where)
    return ids.map((id) => rows.find((row) => row.jobId === id) ?? null)
  }).load(jobId)
  return work && (await access.mayInProject(work.projectId, 'VIEWER')) ? work : null
}
