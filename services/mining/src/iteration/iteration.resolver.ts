import { DomainError, GraphQLDateTime, GraphQLJSON, notFound } from '@ymir/graphql'
import {
  ArrayMaxSize,
  IsInt,
  IsNumber,
  IsObject,
  IsOptional,
  IsUUID,
  Max,
  Min,
  ValidateNested,
} from 'class-validator'
import {
  Arg,
  Ctx,
  Directive,
  Field,
  FieldResolver,
  Float,
  ID,
  InputType,
  Int,
  Mutation,
  ObjectType,
  Query,
  registerEnumType,
  Resolver,
  Root,
} from 'type-graphql'
import { In } from 'typeorm'
import type { MiningContext } from '../context.ts'
import { DatasetVersion, LabellingTask, Model, Project } from '../stubs.ts'
import type { StrategyName } from '../strategy/strategies.ts'
import type { ScoreAggregate } from '../strategy/uncertainty.ts'
import { ClassShareInput, inWords, StrategyTermInput } from '../task/mine.input.ts'
import { findMiningTask } from '../task/mining-task.resolver.ts'
import type { MiningTaskRow } from '../task/mining-task.entity.ts'
import { MiningStrategyEnum, MiningTask, ScoreAggregateEnum } from '../task/mining-task.type.ts'
import { cancelOutput } from './cancel.ts'
import type { IterationStepRow } from './iteration.entity.ts'
import { IterationRow } from './iteration.entity.ts'
import { Iterations, stepsByIteration } from './iteration.ts'
import { planIteration, type IterationChoice } from './plan.ts'
import { preFilled } from './pre-filled.ts'
import { roundsOf, type RoundLine } from './rounds.ts'
import { stateOfRound, type StepName, type StepState } from './step.ts'

const IterationStepName = {
  PREPARE: 'PREPARE',
  MINE: 'MINE',
  LABEL: 'LABEL',
  MERGE: 'MERGE',
  TRAIN: 'TRAIN',
} as const
registerEnumType(IterationStepName, {
  name: 'IterationStepName',
  description:
    'PREPARE: the pool without what is in training or was mined. MINE: choose the most instructive images. ' +
    'LABEL: have them labelled. MERGE: add them to the training set. TRAIN: train on it.',
})
const StepStateEnum = {
  WAITING: 'WAITING',
  RUNNING: 'RUNNING',
  SUCCEEDED: 'SUCCEEDED',
  FAILED: 'FAILED',
  CANCELLED: 'CANCELLED',
} as const
registerEnumType(StepStateEnum, { name: 'StepState' })

@ObjectType({ description: 'One step of a round.' })
export class IterationStep {
  @Field(() => IterationStepName)
  name!: StepName

  @Field(() => StepStateEnum)
  state!: StepState

  @Field(() => String, { nullable: true, description: 'What was wrong, and what to do.' })
  problem!: string | null

  @Field(() => Int, { nullable: true, description: 'Assets in the version that it made.' })
  assetCount!: number | null

  @Field(() => GraphQLDateTime, { nullable: true })
  startedAt!: Date | null

  @Field(() => GraphQLDateTime, { nullable: true })
  finishedAt!: Date | null
}

@Directive('@key(fields: "id")')
@ObjectType({ description: 'One round: prepare, mine, label, merge, train.' })
export class Iteration {
  @Field(() => ID)
  id!: string

  @Field(() => Int, { description: '1 for the first.' })
  round!: number

  @Field(() => GraphQLDateTime)
  createdAt!: Date
}

@ObjectType({ description: 'A line of the table of rounds; round 0 is where the first iteration began.' })
export class Round {
  @Field(() => Int)
  round!: number

  @Field(() => Int, { description: "Assets that the round's model was trained on." })
  trainingCount!: number

  @Field(() => Int, { description: 'Assets left in the pool after the round.' })
  poolCount!: number

  @Field(() => Float, { nullable: true, description: 'mAP at IoU 0.5 on the test set, 0 to 1.' })
  map50!: number | null

  @Field(() => Float, { nullable: true, description: 'Against the round before.' })
  change!: number | null
}

@InputType()
class StartIterationInput implements IterationChoice {
  @IsUUID()
  @Field(() => ID)
  projectId!: string

  @IsOptional()
  @IsUUID()
  @Field(() => ID, { nullable: true, description: 'The pool. Left out: what the round before left of it.' })
  miningVersionId?: string

  @IsOptional()
  @IsUUID()
  @Field(() => ID, {
    nullable: true,
    description: 'Left out: the training set of the round before, with what it added.',
  })
  trainingVersionId?: string

  @IsOptional()
  @IsUUID()
  @Field(() => ID, { nullable: true })
  testVersionId?: string

  @IsOptional()
  @IsUUID()
  @Field(() => ID, {
    nullable: true,
    description: 'The model that mines. Left out: that of the round before.',
  })
  startModelId?: string

  @IsOptional()
  @IsUUID()
  @Field(() => ID, { nullable: true, description: 'Mines and trains.' })
  executorImageId?: string

  @Field(() => MiningStrategyEnum, { nullable: true, description: 'ENTROPY in the first round.' })
  strategy?: StrategyName

  @IsOptional()
  @ArrayMaxSize(5)
  @ValidateNested()
  @Field(() => [StrategyTermInput], {
    nullable: true,
    description: `${inWords.strategies} An empty list goes back to \`strategy\`.`,
  })
  strategies?: StrategyTermInput[]

  @Field(() => ScoreAggregateEnum, { nullable: true, description: 'MAX in the first round.' })
  aggregate?: ScoreAggregate

  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(100_000)
  @Field(() => Int, {
    nullable: true,
    description: 'How many assets to mine, at most; 20 in the first round.',
  })
  topK?: number

  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(10_000_000)
  @Field(() => Int, { nullable: true, description: `${inWords.budgetBoxes} 0: any number.` })
  budgetBoxes?: number

  @IsOptional()
  @ArrayMaxSize(100)
  @ValidateNested()
  @Field(() => [ClassShareInput], { nullable: true, description: inWords.minShare })
  minShare?: ClassShareInput[]

  @Field(() => Boolean, { nullable: true, description: `${inWords.deduplicate} True in the first round.` })
  deduplicate?: boolean

  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(32)
  @Field(() => Int, { nullable: true, description: inWords.duplicateHashBits })
  duplicateHashBits?: number

  @IsOptional()
  @IsNumber()
  @Min(0)
  @Max(2)
  @Field(() => Float, { nullable: true, description: inWords.duplicateEmbeddingDistance })
  duplicateEmbeddingDistance?: number

  @Field(() => Boolean, {
    nullable: true,
    description: 'Pre-annotate what is mined; true in the first round.',
  })
  annotate?: boolean

  @Field(() => Boolean, {
    nullable: true,
    description: 'Show the labellers the ground truth that is there already.',
  })
  keepAnnotations?: boolean

  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(2_147_483_647)
  @Field(() => Int, { nullable: true, description: 'For RANDOM, BADGE and TYPICLUST.' })
  seed?: number

  @IsOptional()
  @IsUUID()
  @Field(() => ID, {
    nullable: true,
    description: 'Answers the labelling task; left out in the first round: people do.',
  })
  automaticLabellerId?: string

  @IsOptional()
  @IsObject()
  @Field(() => GraphQLJSON, { nullable: true, description: "Hyper-parameters over the image's template." })
  trainingParameters?: Record<string, unknown>

  @Field(() => Boolean, {
    nullable: true,
    description: 'Train from the model before, not from scratch; true at first.',
  })
  warmStart?: boolean

  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(64)
  @Field(() => Int, { nullable: true, description: '0: a CPU slot.' })
  gpuCount?: number

  @Field(() => Boolean, {
    nullable: true,
    description: 'Whether each step runs as soon as the one before it succeeded; true at first.',
  })
  automatic?: boolean
}

@InputType()
class RunIterationStepInput {
  @IsUUID()
  @Field(() => ID)
  iterationId!: string

  @Field(() => IterationStepName)
  step!: StepName

  @IsOptional()
  @IsObject()
  @Field(() => GraphQLJSON, {
    nullable: true,
    description:
      "Over the iteration's settings, for this run. PREPARE also takes versionId, the pool, and excludeVersionIds; " +
      'LABEL classes and review; MERGE versionIds; TRAIN testVersionId.',
  })
  parameters?: Record<string, unknown>
}

@InputType()
class CancelIterationInput {
  @IsUUID()
  @Field(() => ID)
  iterationId!: string
}

@ObjectType()
class IterationPayload {
  @Field(() => Iteration)
  iteration!: Iteration
}

const stepsOf = (iterationId: string, { database, loader }: MiningContext) =>
  loader<string, IterationStepRow[]>('steps', (ids) => stepsByIteration(database.manager, ids)).load(
    iterationId,
  )

/** The iteration, if the caller may see its project. */
export async function findIteration(
  id: string,
  { access, database, loader }: MiningContext,
): Promise<IterationRow | null> {
  const iteration = await loader<string, IterationRow | null>('iteration', async (ids) => {
    const rows = await database.getRepository(IterationRow).findBy({ id: In([...ids]) })
    return ids.map((one) => rows.find((row) => row.id === one) ?? null)
  }).load(id)
  return iteration && (await access.mayInProject(iteration.projectId, 'VIEWER')) ? iteration : null
}

@Resolver(() => Iteration)
export class IterationResolver {
  @Query(() => Iteration, { nullable: true })
  iteration(@Arg('id', () => ID) id: string, @Ctx() context: MiningContext): Promise<Iteration | null> {
    return findIteration(id, context)
  }

  @Mutation(() => IterationPayload, {
    description:
      'Begins the next round. From the second on, what is left out is taken over from the round before.',
  })
  async startIteration(
    @Arg('input', () => StartIterationInput) input: StartIterationInput,
    @Ctx() { access, bus, database, graph }: MiningContext,
  ): Promise<IterationPayload> {
    const { projectId, ...choice } = input
    await access.requireProject(projectId, 'EDITOR')
    const createdBy = access.requireSignedIn().userId
    const asker = { graph, asAdministrator: access.isAdministrator() }
    const plan = await planIteration(database.manager, asker, projectId, choice)
    const iteration = await database
      .transaction((manager) => new Iterations(manager, bus).begin({ ...plan, projectId, createdBy }))
      .catch((error: { driverError?: { code?: string } }) => {
        if (error.driverError?.code !== '23505') throw error
        throw new DomainError(
          'CONFLICT',
          `round ${plan.round} was started by someone else at the same moment`,
        )
      })
    return { iteration }
  }

  @Mutation(() => IterationPayload, {
    description: 'Runs a step, or runs it again; the steps after it wait anew.',
  })
  async runIterationStep(
    @Arg('input', () => RunIterationStepInput) { iterationId, step, parameters = {} }: RunIterationStepInput,
    @Ctx() context: MiningContext,
  ): Promise<IterationPayload> {
    const { access, bus, database } = context
    const iteration = await this.editable(iterationId, context)
    const { userId } = access.requireSignedIn()
    await database.transaction((manager) =>
      new Iterations(manager, bus).run(iteration, step, parameters, userId),
    )
    return { iteration }
  }

  @Mutation(() => IterationPayload, { description: 'Stops the step that runs, and its job.' })
  async cancelIteration(
    @Arg('input', () => CancelIterationInput) { iterationId }: CancelIterationInput,
    @Ctx() context: MiningContext,
  ): Promise<IterationPayload> {
    const { bus, database, graph } = context
    const iteration = await this.editable(iterationId, context)
    const cancelled = await database.transaction((manager) => new Iterations(manager, bus).cancel(iteration))
    if (cancelled) await cancelOutput(cancelled, graph, database.manager)
    return { iteration }
  }

  @FieldResolver(() => Project)
  project(@Root() { projectId }: IterationRow): Project {
    return { id: projectId }
  }

  @FieldResolver(() => [IterationStep])
  steps(@Root() { id }: IterationRow, @Ctx() context: MiningContext): Promise<IterationStep[]> {
    return stepsOf(id, context)
  }

  @FieldResolver(() => StepStateEnum)
  async state(@Root() { id }: IterationRow, @Ctx() context: MiningContext): Promise<StepState> {
    return stateOfRound(await stepsOf(id, context))
  }

  @FieldResolver(() => Boolean, {
    description: 'Whether each step runs as soon as the one before it succeeded.',
  })
  automatic(@Root() { settings }: IterationRow): boolean {
    return settings.automatic
  }

  @FieldResolver(() => DatasetVersion, { description: 'The pool at the start.' })
  miningVersion(@Root() { start }: IterationRow): DatasetVersion {
    return { id: start.miningVersionId }
  }

  @FieldResolver(() => DatasetVersion, { description: 'The training set at the start.' })
  trainingVersion(@Root() { start }: IterationRow): DatasetVersion {
    return { id: start.trainingVersionId }
  }

  @FieldResolver(() => DatasetVersion)
  testVersion(@Root() { settings }: IterationRow): DatasetVersion {
    return { id: settings.testVersionId }
  }

  @FieldResolver(() => Model, { description: 'The model that mines.' })
  startModel(@Root() { start }: IterationRow): Model {
    return { id: start.modelId }
  }

  @FieldResolver(() => Model, { nullable: true, description: 'The model that the round trained.' })
  async model(@Root() { id }: IterationRow, @Ctx() context: MiningContext): Promise<Model | null> {
    const train = (await stepsOf(id, context)).find(({ name }) => name === 'TRAIN')
    return train?.state === 'SUCCEEDED' && train.outputId ? { id: train.outputId } : null
  }

  private async editable(id: string, context: MiningContext): Promise<IterationRow> {
    const iteration = await findIteration(id, context)
    if (!iteration) throw notFound('iteration', id)
    await context.access.requireProject(iteration.projectId, 'EDITOR')
    return iteration
  }
}

@Resolver(() => IterationStep)
export class IterationStepResolver {
  @FieldResolver(() => GraphQLJSON, { description: 'What it ran with, or would run with now.' })
  async parameters(
    @Root() step: IterationStepRow,
    @Ctx() context: MiningContext,
  ): Promise<Record<string, unknown>> {
    const iteration = await findIteration(step.iterationId, context)
    return iteration ? preFilled(iteration, await stepsOf(iteration.id, context), step) : {}
  }

  @FieldResolver(() => DatasetVersion, { nullable: true, description: 'The dataset version that it made.' })
  version(@Root() { versionId }: IterationStepRow): DatasetVersion | null {
    return versionId ? { id: versionId } : null
  }

  @FieldResolver(() => MiningTask, { nullable: true })
  miningTask(
    @Root() { name, outputId }: IterationStepRow,
    @Ctx() context: MiningContext,
  ): Promise<MiningTaskRow | null> | null {
    return name === 'MINE' && outputId ? findMiningTask(outputId, context) : null
  }

  @FieldResolver(() => LabellingTask, { nullable: true })
  labellingTask(@Root() { name, outputId }: IterationStepRow): LabellingTask | null {
    return name === 'LABEL' && outputId ? { id: outputId } : null
  }

  @FieldResolver(() => Model, { nullable: true })
  model(@Root() { name, outputId }: IterationStepRow): Model | null {
    return name === 'TRAIN' && outputId ? { id: outputId } : null
  }
}

@Resolver(() => Round)
export class RoundResolver {
  @FieldResolver(() => Model)
  model(@Root() { modelId }: RoundLine): Model {
    return { id: modelId }
  }

  @FieldResolver(() => DatasetVersion)
  trainingVersion(@Root() { trainingVersionId }: RoundLine): DatasetVersion {
    return { id: trainingVersionId }
  }

  @FieldResolver(() => Iteration, { nullable: true })
  iteration(
    @Root() { iterationId }: RoundLine,
    @Ctx() context: MiningContext,
  ): Promise<IterationRow | null> | null {
    return iterationId ? findIteration(iterationId, context) : null
  }
}

@Resolver(() => Project)
export class ProjectIterationsResolver {
  @FieldResolver(() => [Iteration], { description: 'By round.' })
  async iterations(
    @Root() { id }: Project,
    @Ctx() { access, database }: MiningContext,
  ): Promise<IterationRow[]> {
    await access.requireProject(id, 'VIEWER')
    return database.getRepository(IterationRow).find({ where: { projectId: id }, order: { round: 'ASC' } })
  }

  @FieldResolver(() => [Round], { description: 'The table of rounds: what the loop brought.' })
  async rounds(@Root() project: Project, @Ctx() context: MiningContext): Promise<RoundLine[]> {
    const iterations = await this.iterations(project, context)
    const withSteps = iterations.map(async (one) => [one, await stepsOf(one.id, context)] as const)
    return roundsOf(await Promise.all(withSteps))
  }
}
