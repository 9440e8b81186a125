import type { Bus } from '@ymir/bus'
import { DomainError, notFound } from '@ymir/graphql'
import { PlanStateChangedSchema } from '@ymir/proto-events'
import { IsNull, type EntityManager } from 'typeorm'
import { IterationRow, type IterationStepRow } from '../iteration/iteration.entity.ts'
import { Iterations, stepsByIteration, type IterationSettings } from '../iteration/iteration.ts'
import type { Line } from '../iteration/line.ts'
import type { LeftOff, NextRound } from '../iteration/next-round.ts'
import { roundsOf, type RoundLine } from '../iteration/rounds.ts'
import type { StepName } from '../iteration/step.ts'
import { isOver, mayBecome, nextMove, type PlanState, type Why } from './plan.ts'
import { PlanRow } from './plan.entity.ts'
import { imagesForNext, type StopRule } from './stop-rule.ts'

/** What someone wants of a plan. */
export interface Wanted {
  readonly id: string
  readonly projectId: string
  readonly name: string
  /** The plan from whose start it branches off. */
  readonly branchOf: string | null
  readonly stopRule: StopRule
  readonly gates: readonly StepName[]
  readonly actorId: string
}

/** What may be changed of a plan. */
export interface PlanChanges {
  readonly name?: string | undefined
  /** From the next round on. */
  readonly settings?: Partial<IterationSettings> | undefined
  /** At once, as are the gates. */
  readonly stopRule?: StopRule | undefined
  readonly gates?: readonly StepName[] | undefined
}

/** The rounds that a plan runs. */
export function lineOfPlan({ id, projectId, branchOf }: PlanRow): Line {
  return { projectId, branchId: branchOf ? id : null }
}

/**
 * Where a branch of a plan begins: where the plan itself began.
 * @throws DomainError NOT_FOUND when the project has no such plan
 */
export async function startOfPlan(manager: EntityManager, projectId: string, id: string): Promise<LeftOff> {
  const plan = await manager.findOneBy(PlanRow, { id, projectId })
  const first = await manager.findOne(IterationRow, { where: { planId: id }, order: { round: 'ASC' } })
  if (!plan || !first) throw notFound('plan in this project', id)
  const { miningVersionId, trainingVersionId, minedVersionIds, modelId } = first.start
  return {
    ...{ miningVersionId, trainingVersionId, minedVersionIds, modelId },
    round: first.round - 1,
    settings: plan.settings,
  }
}

/** @throws DomainError CONFLICT when a plan runs the project's own rounds, or may go on with them */
export async function requireNoPlan(manager: EntityManager, projectId: string): Promise<void> {
  const plan = await manager.findOneBy(PlanRow, { projectId, branchOf: IsNull(), finishedAt: IsNull() })
  if (plan)
    throw new DomainError(
      'CONFLICT',
      `plan "${plan.name}" runs the rounds of this project and is ${plan.state}: cancel it first`,
      { planId: plan.id },
    )
}

/** What people do with plans, within one transaction. */
export class Plans {
  constructor(
    private readonly manager: EntityManager,
    private readonly bus: Bus,
  ) {}

  /** Begins a plan with its first round. */
  async start({ actorId, gates, ...wanted }: Wanted, first: NextRound): Promise<PlanRow> {
    const plan = await this.manager.save(
      this.manager.create(PlanRow, {
        ...wanted,
        gates: [...gates],
        settings: first.settings,
        state: 'RUNNING',
        cause: null,
        reason: null,
        roundsToGo: null,
        createdBy: actorId,
        finishedAt: null,
      }),
    )
    const topK = imagesForNext(plan.stopRule, [], first.settings.topK)
    await this.beginRound(plan, { ...first, settings: { ...first.settings, topK } })
    await this.sayState(plan)
    return plan
  }

  /** The running step ends; no further one begins. */
  async pause(plan: PlanRow): Promise<void> {
    await this.become(plan, 'PAUSED', { cause: 'PAUSED_BY_PERSON', text: 'paused by a person' })
  }

  /**
   * Goes on after a pause, a failure or its end, or past the gate at which it waits. A step that failed runs again.
   * @param rounds how many more to begin before it pauses; null: until its rule stops it
   */
  async continue(plan: PlanRow, rounds: number | null, actorId: string): Promise<void> {
    const { round, steps } = await this.newestRound(plan)
    const move = nextMove(steps, plan.gates)
    const isPastGate = move.kind === 'AWAIT_PERSON' && plan.state === 'WAITING'
    if (plan.state === 'STOPPED' && !plan.branchOf) await requireNoPlan(this.manager, plan.projectId)
    plan.roundsToGo = rounds
    await this.become(plan, 'RUNNING', null)
    if (isPastGate) await this.runStep(round, move.step, actorId)
    if (move.kind === 'GIVE_UP') {
      const parameters = steps.find(({ name }) => name === move.step)?.parameters
      await this.runStep(round, move.step, actorId, parameters)
    }
  }

  async change(plan: PlanRow, { name, settings, stopRule, gates }: PlanChanges): Promise<void> {
    if (plan.state === 'CANCELLED')
      throw new DomainError('CONFLICT', `plan "${plan.name}" is CANCELLED: start another`, {
        planId: plan.id,
      })
    Object.assign(plan, {
      name: name ?? plan.name,
      settings: { ...plan.settings, ...settings },
      stopRule: stopRule ?? plan.stopRule,
      gates: gates ? [...gates] : plan.gates,
    })
    await this.manager.save(plan)
    await this.sayState(plan)
  }

  /** @returns the step that was running, now cancelled: what it made must be cancelled too */
  async cancel(plan: PlanRow): Promise<IterationStepRow | undefined> {
    await this.become(plan, 'CANCELLED', { cause: 'CANCELLED_BY_PERSON', text: 'cancelled by a person' })
    const { round } = await this.newestRound(plan)
    return new Iterations(this.manager, this.bus).cancel(round)
  }

  /** Under lock; undefined when there is none. */
  async lock(id: string): Promise<PlanRow | undefined> {
    const plan = await this.manager.findOne(PlanRow, { where: { id }, lock: { mode: 'pessimistic_write' } })
    return plan ?? undefined
  }

  /** @param parameters over the settings of the round */
  runStep(round: IterationRow, step: StepName, actorId: string, parameters = {}): Promise<void> {
    return new Iterations(this.manager, this.bus).run(round, step, parameters, actorId)
  }

  /** Its rounds that have succeeded, first to last. */
  async endedRounds({ id }: PlanRow): Promise<RoundLine[]> {
    const rounds = await this.manager.find(IterationRow, { where: { planId: id }, order: { round: 'ASC' } })
    const steps = await stepsByIteration(
      this.manager,
      rounds.map((round) => round.id),
    )
    const [, ...ended] = roundsOf(rounds.map((round, index) => [round, steps[index] ?? []]))
    return ended
  }

  async newestRound({ id }: PlanRow): Promise<{ round: IterationRow; steps: IterationStepRow[] }> {
    const [round] = await this.manager.find(IterationRow, {
      where: { planId: id },
      order: { round: 'DESC' },
      take: 1,
    })
    if (!round) throw new Error(`plan ${id} has no round`) // it begins with one
    return { round, steps: await new Iterations(this.manager, this.bus).stepsOf(round.id, { lock: true }) }
  }

  /** One fewer to go, when they are counted. */
  async beginRound(plan: PlanRow, next: NextRound): Promise<void> {
    if (plan.roundsToGo !== null) plan.roundsToGo--
    await this.manager.save(plan)
    const line = lineOfPlan(plan)
    await new Iterations(this.manager, this.bus).begin({
      ...{ ...next, ...line },
      planId: plan.id,
      createdBy: plan.createdBy,
    })
  }

  /**
   * Moves a plan on and says so; every change of a state goes through here.
   * @throws DomainError CONFLICT when the plan cannot go there from where it is
   */
  async become(plan: PlanRow, state: PlanState, why: Why | null): Promise<void> {
    if (!mayBecome(plan.state, state))
      throw new DomainError('CONFLICT', `plan "${plan.name}" is ${plan.state}: it cannot be ${state}`, {
        ...{ planId: plan.id, state: plan.state },
      })
    Object.assign(plan, {
      state,
      cause: why?.cause ?? null,
      reason: why?.text ?? null,
      finishedAt: isOver(state) ? new Date() : null,
    })
    await this.manager.save(plan)
    await this.sayState(plan)
  }

  private async sayState({ id, projectId, state, reason, branchOf }: PlanRow): Promise<void> {
    await this.bus.emit(this.manager, PlanStateChangedSchema, {
      ...{ projectId, planId: id, state, reason: reason ?? '', branchOfPlanId: branchOf ?? '' },
    })
  }
}
