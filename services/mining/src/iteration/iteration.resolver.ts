import { DomainError, GraphQLJSON, notFound } from '@ymir/graphql'
import { Arg, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql'
import type { MiningContext } from '../context.ts'
import { requireNoPlan } from '../plan/plans.ts'
import { DatasetVersion, LabellingTask, Model, Project } from '../stubs.ts'
import { findMiningTask } from '../task/mining-task.resolver.ts'
import type { MiningTaskRow } from '../task/mining-task.entity.ts'
import { MiningTask } from '../task/mining-task.type.ts'
import { cancelOutput } from './cancel.ts'
import type { IterationRow, IterationStepRow } from './iteration.entity.ts'
import { findIteration, stepsOf } from './iteration.loader.ts'
import { Iterations } from './iteration.ts'
import {
  CancelIterationInput,
  Iteration,
  IterationPayload,
  IterationStep,
  RunIterationStepInput,
  StartIterationInput,
  StepStateEnum,
} from './iteration.types.ts'
import { fillInNextRound } from './next-round.ts'
import { preFilled } from './pre-filled.ts'
import { stateOfRound, type StepState } from './step.ts'

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
    await requireNoPlan(database.manager, projectId)
    const line = { projectId, branchId: null }
    const next = await fillInNextRound(database.manager, asker, line, choice)
    const iteration = await database
      .transaction((manager) =>
        new Iterations(manager, bus).begin({ ...next, ...line, planId: null, createdBy }),
      )
      .catch((error: { driverError?: { code?: string } }) => {
        if (error.driverError?.code !== '23505') throw error
        throw new DomainError(
          'CONFLICT',
          `round ${next.round} was started by someone else at the same moment`,
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

  @Mutation(() => IterationPayload, {
    description: 'Stops the step that runs, and its job; a round that waits for a person is ended too.',
  })
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
    description:
      'Whether each step runs as soon as the one before it succeeded; a plan may wait at its gates.',
  })
  automatic(@Root() { planId, settings }: IterationRow): boolean {
    return planId !== null || settings.automatic
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
