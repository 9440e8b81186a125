import { randomUUID } from 'node:crypto'
import { DomainError, GraphQLJSON, notFound } from '@ymir/graphql'
import { isUUID } from 'class-validator'
import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql'
import { In } from 'typeorm'
import type { MiningContext } from '../context.ts'
import { cancelOutput } from '../iteration/cancel.ts'
import { IterationRow, type IterationStepRow } from '../iteration/iteration.entity.ts'
import { Iteration } from '../iteration/iteration.types.ts'
import { withLabeller } from '../iteration/labeller.ts'
import { fillInNextRound, withoutUndefined } from '../iteration/next-round.ts'
import { tableOf } from '../iteration/rounds.resolver.ts'
import type { RoundLine } from '../iteration/rounds.ts'
import { Round } from '../iteration/rounds.types.ts'
import { Project } from '../stubs.ts'
import type { StrategyName } from '../strategy/strategies.ts'
import { MiningStrategyEnum } from '../task/mining-task.type.ts'
import { checkSettings } from './check-settings.ts'
import { PlanRow } from './plan.entity.ts'
import {
  ChangePlanInput,
  ContinuePlanInput,
  Plan,
  PlanInput,
  PlanPayload,
  StartPlanInput,
  type StopRuleInput,
} from './plan.types.ts'
import { Plans, requireNoPlan, startOfPlan } from './plans.ts'
import type { StopRule } from './stop-rule.ts'

/** The plan, if the caller may see its project. */
export async function findPlan(id: string, { access, database }: MiningContext): Promise<PlanRow | null> {
  const plan = isUUID(id) ? await database.manager.findOneBy(PlanRow, { id }) : null
  return plan && (await access.mayInProject(plan.projectId, 'VIEWER')) ? plan : null
}

@Resolver(() => Plan)
export class PlanResolver {
  @Query(() => Plan, { nullable: true })
  plan(@Arg('id', () => ID) id: string, @Ctx() context: MiningContext): Promise<Plan | null> {
    return findPlan(id, context)
  }

  @Mutation(() => PlanPayload, {
    description:
      'Begins a round, and each round after it by itself until the rule stops it. What is left out is taken over from ' +
      'the round before.',
  })
  async startPlan(
    @Arg('input', () => StartPlanInput) input: StartPlanInput,
    @Ctx() { access, bus, database, graph }: MiningContext,
  ): Promise<PlanPayload> {
    const { projectId, name, stopRule, gates, branchOfId, ...choice } = input
    await access.requireProject(projectId, 'EDITOR')
    const actorId = access.requireSignedIn().userId
    const rule = ruleOf(stopRule)
    const { manager } = database
    const origin = branchOfId ? await startOfPlan(manager, projectId, branchOfId) : undefined
    if (!origin) await requireNoPlan(manager, projectId)
    const id = randomUUID()
    const line = { projectId, branchId: origin ? id : null }
    const asker = { graph, asAdministrator: access.isAdministrator() }
    const first = await fillInNextRound(manager, asker, line, choice, origin)
    const wanted = { id, projectId, stopRule: rule, gates, actorId, branchOf: branchOfId ?? null }
    const plan = await database
      .transaction((each) =>
        new Plans(each, bus).start({ ...wanted, name: name ?? first.settings.strategy }, first),
      )
      .catch((error: { driverError?: { code?: string } }) => {
        if (error.driverError?.code !== '23505') throw error
        throw new DomainError('CONFLICT', 'another plan or round was started at the same moment')
      })
    return { plan }
  }

  @Mutation(() => PlanPayload, { description: 'The step that runs ends; no further one begins.' })
  pausePlan(
    @Arg('input', () => PlanInput) { planId }: PlanInput,
    @Ctx() context: MiningContext,
  ): Promise<PlanPayload> {
    return this.change(planId, context, (plan, plans) => plans.pause(plan))
  }

  @Mutation(() => PlanPayload, {
    description:
      'Goes on: past the gate where it waits, after a pause, after a failure (the step runs again), or after its end, ' +
      'if its rule was changed.',
  })
  continuePlan(
    @Arg('input', () => ContinuePlanInput) { planId, rounds }: ContinuePlanInput,
    @Ctx() context: MiningContext,
  ): Promise<PlanPayload> {
    const { userId } = context.access.requireSignedIn()
    return this.change(planId, context, (plan, plans) => plans.continue(plan, rounds ?? null, userId))
  }

  @Mutation(() => PlanPayload, {
    description: 'Settings hold from the next round on, the rule and the gates at once.',
  })
  async changePlan(
    @Arg('input', () => ChangePlanInput) { planId, name, stopRule, gates, ...choice }: ChangePlanInput,
    @Ctx() context: MiningContext,
  ): Promise<PlanPayload> {
    const { access, database, graph } = context
    const { projectId, settings } = await this.editable(planId, context)
    const changed = withLabeller(withoutUndefined(choice))
    const asker = { graph, asAdministrator: access.isAdministrator() }
    if (Object.keys(changed).length) {
      const round = await database.manager.findOneOrFail(IterationRow, {
        where: { planId },
        order: { round: 'DESC' },
      })
      await checkSettings(asker, projectId, { ...settings, ...changed }, round.start.stage.classes)
    }
    const changes = {
      ...{ name: name ?? undefined, gates: gates ?? undefined, settings: changed },
      stopRule: stopRule ? ruleOf(stopRule) : undefined,
    }
    return this.change(planId, context, (plan, plans) => plans.change(plan, changes))
  }

  @Mutation(() => PlanPayload, {
    description: 'Stops the step that runs, and its job, and the plan for good.',
  })
  async cancelPlan(
    @Arg('input', () => PlanInput) { planId }: PlanInput,
    @Ctx() context: MiningContext,
  ): Promise<PlanPayload> {
    const { database, graph } = context
    let cancelled: IterationStepRow | undefined
    const payload = await this.change(planId, context, async (plan, plans) => {
      cancelled = await plans.cancel(plan)
    })
    if (cancelled) await cancelOutput(cancelled, graph, database.manager)
    return payload
  }

  @FieldResolver(() => Project)
  project(@Root() { projectId }: PlanRow): Project {
    return { id: projectId }
  }

  @FieldResolver(() => Plan, {
    nullable: true,
    description:
      'The plan from whose start it branches off; null: it goes on with the rounds of the project.',
  })
  branchOf(@Root() { branchOf }: PlanRow, @Ctx() context: MiningContext): Promise<PlanRow | null> | null {
    return branchOf ? findPlan(branchOf, context) : null
  }

  @FieldResolver(() => MiningStrategyEnum, { description: 'Of its next round.' })
  strategy(@Root() { settings }: PlanRow): StrategyName {
    return settings.strategy
  }

  @FieldResolver(() => Int, { description: 'How many assets its next round mines, while its budget lasts.' })
  topK(@Root() { settings }: PlanRow): number {
    return settings.topK
  }

  @FieldResolver(() => GraphQLJSON, {
    description: 'What its next round is done with, under the names of StartPlanInput.',
  })
  settings(@Root() { settings }: PlanRow): object {
    const { automatic: _, ...shown } = settings
    return shown
  }

  @FieldResolver(() => [Iteration], { description: 'Its rounds so far, the one under way included.' })
  iterations(@Root() { id }: PlanRow, @Ctx() { database, loader }: MiningContext): Promise<IterationRow[]> {
    return loader<string, IterationRow[]>('iterations of plan', async (ids) => {
      const where = { planId: In([...ids]) }
      const rows = await database.getRepository(IterationRow).find({ where, order: { round: 'ASC' } })
      return ids.map((one) => rows.filter(({ planId }) => planId === one))
    }).load(id)
  }

  @FieldResolver(() => [Round], {
    description:
      'The table of its rounds, after a line for where they began: beside that of a branch, the comparison.',
  })
  async rounds(@Root() plan: PlanRow, @Ctx() context: MiningContext): Promise<RoundLine[]> {
    return tableOf(await this.iterations(plan, context), context)
  }

  private async change(
    id: string,
    context: MiningContext,
    work: (plan: PlanRow, plans: Plans) => Promise<void>,
  ): Promise<PlanPayload> {
    const { bus, database } = context
    await this.editable(id, context)
    const plan = await database.transaction(async (manager) => {
      const plans = new Plans(manager, bus)
      const locked = await plans.lock(id)
      if (!locked) throw notFound('plan', id)
      await work(locked, plans)
      return locked
    })
    return { plan }
  }

  private async editable(id: string, context: MiningContext): Promise<PlanRow> {
    const plan = await findPlan(id, context)
    if (!plan) throw notFound('plan', id)
    await context.access.requireProject(plan.projectId, 'EDITOR')
    return plan
  }
}

@Resolver(() => Project)
export class ProjectPlansResolver {
  @FieldResolver(() => [Plan], { description: 'Newest first, branches included.' })
  async plans(@Root() { id }: Project, @Ctx() { access, database }: MiningContext): Promise<PlanRow[]> {
    await access.requireProject(id, 'VIEWER')
    return database.getRepository(PlanRow).find({ where: { projectId: id }, order: { createdAt: 'DESC' } })
  }
}

@Resolver(() => Iteration)
export class IterationPlanResolver {
  @FieldResolver(() => Plan, { nullable: true, description: 'The plan that runs it; null: people do.' })
  plan(@Root() { planId }: IterationRow, @Ctx() context: MiningContext): Promise<PlanRow | null> | null {
    return planId ? findPlan(planId, context) : null
  }
}

/** @throws DomainError BAD_USER_INPUT for a rule that never stops anything */
function ruleOf(input: StopRuleInput): StopRule {
  const rule = withoutUndefined({ ...input })
  if (Object.keys(rule).length) return rule
  throw new DomainError(
    'BAD_USER_INPUT',
    'the stop rule is empty: give targetMap50, roundsWithoutGain, maxRounds or maxImages',
    { field: 'stopRule' },
  )
}
