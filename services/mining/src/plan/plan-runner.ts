import type { Bus } from '@ymir/bus'
import { DomainError, type GraphClient } from '@ymir/graphql'
import { Chore, forEachEvenIfSomeFail } from '@ymir/service'
import { In, type DataSource } from 'typeorm'
import type { IterationRow } from '../iteration/iteration.entity.ts'
import { fillInNextRound } from '../iteration/next-round.ts'
import { mayMove, movingStates, nextMove } from './plan.ts'
import { PlanRow } from './plan.entity.ts'
import { lineOfPlan, Plans } from './plans.ts'
import { imagesForNext, reasonToStop } from './stop-rule.ts'

interface Parts {
  readonly database: DataSource
  readonly bus: Bus
  readonly graph: GraphClient
}

/** What came of looking at a plan: it moved and may move again, it waits, or its next round is due. */
type Looked = 'MOVED' | 'WAITS' | NextDue

interface NextDue {
  readonly afterIterationId: string
  /** Images to mine. */
  readonly topK: number
}

/** What would go wrong again at each try; other errors (the gateway is away) are tried again. */
const lasting = ['NOT_FOUND', 'BAD_USER_INPUT', 'CONFLICT', 'FORBIDDEN']

/** What becomes of a plan when a step of it ends without success. */
const givenUp = {
  FAILED: { state: 'FAILED', cause: 'STEP_FAILED' },
  CANCELLED: { state: 'PAUSED', cause: 'STEP_CANCELLED' },
} as const

/**
 * Runs the rounds of plans. Events only tell it to look; what it does follows from the rows, under the plan's lock, so
 * events that come twice, late or in another order, and a restart at any point, make no round or step begin twice.
 */
export class PlanRunner {
  private readonly chore = new Chore('running plans', () => this.advanceAll())
  readonly look = this.chore.look
  readonly stop = this.chore.stop

  constructor(private readonly parts: Parts) {}

  private async advanceAll(): Promise<void> {
    const where = { state: In([...movingStates]) }
    const moving = await this.parts.database.manager.find(PlanRow, { where })
    await forEachEvenIfSomeFail(moving, ({ id }) => this.advance(id))
  }

  private async advance(id: string): Promise<void> {
    try {
      for (;;) {
        const looked = await this.change(id, (plan, plans) => this.moveOn(plan, plans))
        if (looked === undefined || looked === 'WAITS') return
        if (looked !== 'MOVED') await this.beginNextRound(id, looked)
      }
    } catch (error) {
      if (!(error instanceof DomainError) || !lasting.includes(error.code)) throw error
      await this.change(id, (plan, plans) =>
        plans.become(plan, 'FAILED', { cause: 'REFUSED', text: error.message }),
      )
    }
  }

  private async moveOn(plan: PlanRow, plans: Plans): Promise<Looked> {
    const { round, steps } = await plans.newestRound(plan)
    const move = nextMove(steps, plan.gates)
    if (plan.state === 'FAILED') {
      // the job of its step was tried again
      if (move.kind === 'AWAIT_STEP') await plans.become(plan, 'RUNNING', null)
      return 'WAITS'
    }
    if (move.kind === 'AWAIT_PERSON') {
      const text = `waits for a person before ${move.step} of round ${round.round}`
      if (plan.reason === text) return 'WAITS'
      if (plan.state === 'WAITING') await plans.become(plan, 'RUNNING', null)
      await plans.become(plan, 'WAITING', { cause: 'GATE', text })
      return 'WAITS'
    }
    // a person ran the step by hand, or took the gate away
    if (plan.state === 'WAITING') await plans.become(plan, 'RUNNING', null)
    if (move.kind === 'AWAIT_STEP') return 'WAITS'
    if (move.kind === 'GIVE_UP') {
      const problem = steps.find(({ name }) => name === move.step)?.problem ?? move.state
      const { state, cause } = givenUp[move.state]
      await plans.become(plan, state, { cause, text: `${move.step} of round ${round.round}: ${problem}` })
      return 'WAITS'
    }
    if (move.kind === 'RUN') {
      await plans.runStep(round, move.step, plan.createdBy)
      return 'MOVED'
    }
    return round.record ? this.judge(plan, plans, round) : 'WAITS'
  }

  /** A round has ended: stop, pause, or go on with the next. */
  private async judge(plan: PlanRow, plans: Plans, { id }: IterationRow): Promise<Looked> {
    const rounds = await plans.endedRounds(plan)
    const why = reasonToStop(plan.stopRule, rounds)
    if (why) await plans.become(plan, 'STOPPED', why)
    else if (plan.roundsToGo === 0)
      await plans.become(plan, 'PAUSED', {
        cause: 'ROUNDS_DONE',
        text: 'the rounds that were asked for are done',
      })
    if (plan.state !== 'RUNNING') return 'WAITS'
    return { afterIterationId: id, topK: imagesForNext(plan.stopRule, rounds, plan.settings.topK) }
  }

  private async beginNextRound(id: string, { afterIterationId, topK }: NextDue): Promise<void> {
    const { database, graph } = this.parts
    const plan = await database.manager.findOneByOrFail(PlanRow, { id })
    // who started or changed the plan was asked whether they may use its image
    const asker = { graph, asAdministrator: true }
    const choice = { ...plan.settings, topK }
    const next = await fillInNextRound(database.manager, asker, lineOfPlan(plan), choice)
    await this.change(id, async (current, plans) => {
      const { round } = await plans.newestRound(current)
      if (current.state === 'RUNNING' && round.id === afterIterationId) await plans.beginRound(current, next)
    })
  }

  /** Under the plan's lock; nothing when it moves no more. */
  private change<Result>(
    id: string,
    work: (plan: PlanRow, plans: Plans) => Promise<Result>,
  ): Promise<Result | undefined> {
    const { database, bus } = this.parts
    return database.transaction(async (manager) => {
      const plans = new Plans(manager, bus)
      const plan = await plans.lock(id)
      return plan && mayMove(plan.state) ? work(plan, plans) : undefined
    })
  }
}
