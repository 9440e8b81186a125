import { randomUUID } from 'node:crypto'
import { waitUntil } from '@ymir/service'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { IterationRow } from '../iteration/iteration.entity.ts'
import { Iterations, stepsByIteration } from '../iteration/iteration.ts'
import { fillInNextRound } from '../iteration/next-round.ts'
import { stepNames, type StepName, type StepState } from '../iteration/step.ts'
import { aLoop, firstChoice } from '../testing/loop.ts'
import { nextMove, type PlanState } from './plan.ts'
import { PlanRow } from './plan.entity.ts'
import { Plans, requireNoPlan, startOfPlan } from './plans.ts'
import type { StopRule } from './stop-rule.ts'

type Loop = Awaited<ReturnType<typeof aLoop>>

/** What people do with plans of a loop, as the graph does it for them. */
function plansOf({ database, bus, graph, projectId }: Loop) {
  const change = (id: string, work: (plan: PlanRow, plans: Plans) => Promise<unknown>) =>
    database.transaction(async (manager) => {
      const plans = new Plans(manager, bus)
      const plan = await plans.lock(id)
      if (plan) await work(plan, plans)
    })
  return {
    change,
    start: async (
      stopRule: StopRule,
      { gates = [] as StepName[], branchOf = null as string | null } = {},
    ) => {
      const id = randomUUID()
      const origin = branchOf ? await startOfPlan(database.manager, projectId, branchOf) : undefined
      const line = { projectId, branchId: branchOf && id }
      const choice = branchOf ? { strategy: 'RANDOM' as const } : firstChoice()
      const asker = { graph, asAdministrator: false }
      const first = await fillInNextRound(database.manager, asker, line, choice, origin)
      const wanted = { id, projectId, name: 'p', branchOf, stopRule, gates, actorId: 'u' }
      await database.transaction((manager) => new Plans(manager, bus).start(wanted, first))
      return id
    },
    until: (id: string, state: PlanState) =>
      waitUntil(
        `the plan to be ${state}`,
        async () => {
          const plan = await database.manager.findOneByOrFail(PlanRow, { id })
          return plan.state === state && plan
        },
        { timeoutMs: 25_000 },
      ),
    roundsOf: (id: string) =>
      database.manager.find(IterationRow, { where: { planId: id }, order: { round: 'ASC' } }),
    statesIn: async (round: IterationRow | undefined) => {
      const [steps = []] = await stepsByIteration(database.manager, [round?.id ?? ''])
      return steps.map(({ state }) => state)
    },
    continue: (id: string, rounds: number | null = null) =>
      change(id, (plan, plans) => plans.continue(plan, rounds, 'u')),
  }
}

const everything = ['SUCCEEDED', 'SUCCEEDED', 'SUCCEEDED', 'SUCCEEDED', 'SUCCEEDED']

test('a plan runs round after round, spends its images to the last, and says why it stopped', async () => {
  const loop = await aLoop()
  const { start, until, roundsOf } = plansOf(loop)

  const id = await start({ maxImages: 10, maxRounds: 9 })
  const plan = await until(id, 'STOPPED')

  expect(plan).toMatchObject({
    ...{ cause: 'IMAGES_SPENT', reason: 'budget spent: 10 of 10 images' },
    finishedAt: expect.any(Date) as Date,
  })
  const [first, second, ...more] = await roundsOf(id)
  expect(more).toEqual([])
  expect([first?.round, second?.round]).toEqual([1, 2])
  expect(second?.start.trainingVersionId).not.toBe(first?.start.trainingVersionId)
  expect(loop.trainings.map(({ name }) => name)).toEqual(['first, round 1', 'first, round 2'])
})

test('each round is recorded with what it brought and cost', async () => {
  const loop = await aLoop()
  const { start, until, roundsOf } = plansOf(loop)

  const id = await start({ maxRounds: 1 })
  await until(id, 'STOPPED')

  const [round] = await roundsOf(id)
  const modelId = loop.trainings[0]?.modelId
  expect(round?.record).toMatchObject({
    measured: { evaluationId: `evaluation of ${modelId}`, interval: { low: 0.4, high: 0.7 } },
    gain: { low: 0.01, overRound: 0 },
    ...{ boxCount: 12, labellingMinutes: 5, jobMinutes: 6, gpuMinutes: 6 },
    labelledBy: ['Boxes', 'Frames', 'Ada'],
  })
})

test('a plan stops when rounds no longer gain; a round is compared with the last that did', async () => {
  const { start, until, roundsOf } = plansOf(await aLoop({ gains: [-0.1, 0.02, -0.1, 0] }))

  const id = await start({ roundsWithoutGain: 2 })
  expect(await until(id, 'STOPPED')).toMatchObject({
    ...{ cause: 'NO_GAIN', reason: 'no gain over 2 rounds beyond the noise of the test set' },
  })
  const over = (await roundsOf(id)).map(({ record }) => record?.gain?.overRound)
  expect(over).toEqual([0, 0, 2, 2])
})

test('before a gate a plan waits for a person, every round anew', async () => {
  const loop = await aLoop()
  const plans = plansOf(loop)

  const id = await plans.start({ maxRounds: 2 }, { gates: ['LABEL'] })
  expect(await plans.until(id, 'WAITING')).toMatchObject({
    ...{ cause: 'GATE', reason: 'waits for a person before LABEL of round 1' },
  })
  expect(loop.toLabel).toEqual([])

  await plans.continue(id)
  await waitUntil('the second round to wait', async () => {
    const plan = await loop.database.manager.findOneByOrFail(PlanRow, { id })
    return plan.state === 'WAITING' && plan.reason?.endsWith('round 2')
  })
  expect(loop.toLabel).toHaveLength(1)

  await plans.change(id, (plan, all) => all.change(plan, { gates: [] }))
  await plans.until(id, 'STOPPED')
})

test('a plan cancelled at its gate leaves its project free for the next round', async () => {
  const loop = await aLoop()
  const plans = plansOf(loop)
  const id = await plans.start({ maxRounds: 1 }, { gates: ['PREPARE'] })
  await plans.until(id, 'WAITING')

  await plans.change(id, (plan, all) => all.cancel(plan))

  expect(await plans.until(id, 'CANCELLED')).toMatchObject({ cause: 'CANCELLED_BY_PERSON' })
  const [first] = await plans.roundsOf(id)
  expect(await plans.statesIn(first)).toEqual(['CANCELLED', 'WAITING', 'WAITING', 'WAITING', 'WAITING'])
  await expect(loop.begin({})).resolves.toMatchObject({ round: 2 })
})

test('a plan that a person paused says so, until it goes on', async () => {
  const loop = await aLoop()
  const plans = plansOf(loop)
  const id = await plans.start({ maxRounds: 1 }, { gates: ['PREPARE'] })
  await plans.until(id, 'WAITING')

  await plans.change(id, (plan, all) => all.pause(plan))
  expect(await plans.until(id, 'PAUSED')).toMatchObject({ cause: 'PAUSED_BY_PERSON' })

  await plans.continue(id)
  expect(await plans.until(id, 'WAITING')).toMatchObject({ cause: 'GATE' })
  await plans.continue(id)
  expect(await plans.until(id, 'STOPPED')).toMatchObject({ cause: 'ROUNDS_SPENT' })
})

test('a plan pauses when its round is cancelled, and fails when its next round is refused', async () => {
  const loop = await aLoop()
  const { database, bus } = loop
  const plans = plansOf(loop)
  const id = await plans.start({ maxRounds: 2 }, { gates: ['TRAIN'] })
  await plans.until(id, 'WAITING')

  const [round] = await plans.roundsOf(id)
  await database.transaction((manager) => new Iterations(manager, bus).cancel(round!))
  expect(await plans.until(id, 'PAUSED')).toMatchObject({ cause: 'STEP_CANCELLED' })

  // the class is there no more when the next round begins
  const settings = { minShare: [{ label: 'plate', share: 0.5 }] }
  await plans.change(id, (plan, all) => all.change(plan, { settings, gates: [] }))
  await plans.continue(id)
  expect(await plans.until(id, 'FAILED')).toMatchObject({
    cause: 'REFUSED',
    reason: expect.stringContaining('plate') as string,
  })
})

test('a plan fails with the problem of its step, and runs that step again when it is continued', async () => {
  const loop = await aLoop({ labelling: 'FAILED' })
  const plans = plansOf(loop)

  const id = await plans.start({ maxRounds: 1 })
  expect(await plans.until(id, 'FAILED')).toMatchObject({
    ...{ cause: 'STEP_FAILED', reason: 'LABEL of round 1: nobody came' },
  })

  loop.world.labelling = 'SUCCEEDED'
  await plans.continue(id)
  await plans.until(id, 'STOPPED')
  expect(loop.toLabel).toHaveLength(2)
})

test('a plan pauses after the rounds that were asked for, and goes on with another rule after its end', async () => {
  const loop = await aLoop()
  const plans = plansOf(loop)
  const id = await plans.start({ maxRounds: 1 })
  await plans.until(id, 'STOPPED')

  await plans.change(id, (plan, all) =>
    all.change(plan, { stopRule: { maxRounds: 9 }, settings: { topK: 3 } }),
  )
  await plans.continue(id, 1)
  const { cause, reason } = await plans.until(id, 'PAUSED')

  expect([cause, reason]).toEqual(['ROUNDS_DONE', 'the rounds that were asked for are done'])
  const rounds = await plans.roundsOf(id)
  expect(rounds.map(({ settings }) => settings.topK)).toEqual([5, 3])
  await plans.change(id, (plan, all) => all.cancel(plan))
  await expect(plans.continue(id)).rejects.toThrow('is CANCELLED: it cannot be RUNNING')
})

test('a plan has the rounds of its project for itself; a branch has its own from the same start', async () => {
  const loop = await aLoop()
  const plans = plansOf(loop)
  const id = await plans.start({ maxRounds: 1 }, { gates: ['TRAIN'] })

  await expect(requireNoPlan(loop.database.manager, loop.projectId)).rejects.toThrow(
    'plan "p" runs the rounds',
  )
  await expect(plans.start({ maxRounds: 1 })).rejects.toThrow()
  const branch = await plans.start({ maxRounds: 1 }, { branchOf: id })
  await plans.until(branch, 'STOPPED')
  await plans.until(id, 'WAITING')
  await plans.continue(id)
  await plans.until(id, 'STOPPED')

  const [[own], [beside]] = [await plans.roundsOf(id), await plans.roundsOf(branch)]
  expect(beside).toMatchObject({ round: 1, start: own?.start, settings: { strategy: 'RANDOM', topK: 5 } })
  await expect(requireNoPlan(loop.database.manager, loop.projectId)).resolves.toBeUndefined()
})

test('events that come again, late and in another order, give the same rounds, over restarts and with two processes', async () => {
  const loop = await aLoop({ repeats: true })
  const plans = plansOf(loop)
  const second = await loop.start()

  const id = await plans.start({ maxRounds: 3 })
  for (const count of [1, 2, 3]) {
    await waitUntil(`training ${count}`, () => Promise.resolve(loop.trainings.length >= count))
    await loop.restart()
  }
  await plans.until(id, 'STOPPED')
  await second.stop()

  const rounds = await plans.roundsOf(id)
  expect(rounds.map(({ round }) => round)).toEqual([1, 2, 3])
  for (const round of rounds) expect(await plans.statesIn(round)).toEqual(everything)
  const operations = loop.requested.map(({ operation }) => operation.case)
  expect(operations).toEqual(rounds.flatMap(() => ['exclude', 'take', 'merge']))
  expect([loop.jobs.length, loop.toLabel.length, loop.trainings.length]).toEqual([3, 3, 3])
})

test('a plan runs a step only when no step runs, all before it succeeded and no gate is before it', () => {
  const states = fc.constantFrom<StepState>('WAITING', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED')
  const someSteps = fc.array(states, { minLength: 5, maxLength: 5 })
  fc.assert(
    fc.property(someSteps, fc.subarray([...stepNames]), (chosen, gates) => {
      const steps = stepNames.map((name, index) => ({ name, state: chosen[index]! }))
      const move = nextMove(steps, gates)
      if (move.kind !== 'RUN') return
      const place = stepNames.indexOf(move.step)
      expect(chosen).not.toContain('RUNNING')
      expect(chosen.slice(0, place).every((state) => state === 'SUCCEEDED')).toBe(true)
      expect(chosen[place]).toBe('WAITING')
      expect(gates).not.toContain(move.step)
    }),
  )
})
