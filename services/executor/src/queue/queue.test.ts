import fc from 'fast-check'
import { expect, test } from 'vitest'
import { estimateStarts } from './estimate.ts'
import { nextToStart, queueOrder, withinLimits, type Queued, type Share } from './queue.ts'

let serial = 0
const aJob = (id: string, projectId: string, more: Partial<Queued> = {}): Queued => ({
  id,
  projectId,
  gpuCount: 0,
  priority: 0,
  serial: (serial += 1),
  ...more,
})
const nobody = { active: new Map<string, number>(), lastStarted: new Map<string, number>() }
const ids = (jobs: readonly Queued[]) => jobs.map(({ id }) => id).join(' ')

test('jobs of one project start in the order in which they came', () => {
  const jobs = [aJob('1', 'A'), aJob('2', 'A'), aJob('3', 'A')]
  expect(ids(queueOrder(jobs.toReversed(), nobody))).toBe('1 2 3')
})

test('projects take turns, however many jobs one of them has waiting', () => {
  const jobs = [aJob('a1', 'A'), aJob('a2', 'A'), aJob('a3', 'A'), aJob('b1', 'B'), aJob('b2', 'B')]
  expect(ids(queueOrder(jobs, nobody))).toBe('a1 b1 a2 b2 a3')
})

test('a project that has a job at work, or had the last turn, waits for the others', () => {
  const jobs = [aJob('a', 'A'), aJob('b', 'B')]
  expect(ids(queueOrder(jobs, { ...nobody, active: new Map([['A', 1]]) }))).toBe('b a')
  expect(ids(queueOrder(jobs, { ...nobody, lastStarted: new Map([['A', 1_000]]) }))).toBe('b a')
})

test('priority goes before fairness', () => {
  const jobs = [aJob('a', 'A'), aJob('b', 'B'), aJob('photo', 'A', { priority: 10 })]
  expect(ids(queueOrder(jobs, { ...nobody, active: new Map([['A', 3]]) }))).toBe('photo b a')
})

test('a job on the CPU does not wait for one that waits for GPUs, but no smaller GPU job overtakes it', () => {
  const large = aJob('large', 'A', { gpuCount: 2 })
  const small = aJob('small', 'A', { gpuCount: 1 })
  const cpu = aJob('cpu', 'A')
  const order = [large, small, cpu]
  expect(nextToStart(order, { cpu: ['cpu:0'], gpu: ['gpu:0'] })).toEqual({ job: cpu, slots: ['cpu:0'] })
  expect(nextToStart(order, { cpu: [], gpu: ['gpu:0'] })).toBeUndefined()
  expect(nextToStart(order, { cpu: [], gpu: ['gpu:0', 'gpu:1', 'gpu:2'] })).toEqual({
    job: large,
    slots: ['gpu:0', 'gpu:1'],
  })
})

test('a job that was moved before one of another project takes a turn of that project', () => {
  const jobs = [aJob('b1', 'B'), aJob('b2', 'B'), aJob('a1', 'A'), aJob('c1', 'C'), aJob('a2', 'A')]
  const [, b2] = jobs
  const moved = aJob('moved', 'A', { turnOf: 'B', rank: (b2?.serial ?? 0) - 0.5 })
  expect(ids(queueOrder([...jobs, moved], nobody))).toBe('b1 a1 c1 moved a2 b2')
})

test('jobs of a project at its limit stand behind all others', () => {
  const order = [aJob('a1', 'A'), aJob('b1', 'B'), aJob('a2', 'A')]
  const share = { ...nobody, active: new Map([['A', 2]]), limits: new Map([['A', 2]]) }
  const { ready, held } = withinLimits(order, share)
  expect([ids(ready), ids(held)]).toEqual(['b1', 'a1 a2'])
})

const project = fc.constantFrom('A', 'B', 'C', 'D')
const someJobs = fc
  .array(
    fc.record({
      projectId: project,
      turnOf: fc.option(project, { freq: 5 }),
      priority: fc.constantFrom(0, 0, 0, 10),
      gpuCount: fc.constantFrom(0, 0, 1, 2),
      rank: fc.option(fc.double({ min: -5, max: 30, noNaN: true })),
    }),
    { maxLength: 25 },
  )
  .map((jobs): Queued[] => jobs.map((job, index) => ({ ...job, id: `${index}`, serial: index })))
const counts = fc.dictionary(project, fc.nat(4)).map((counted) => new Map(Object.entries(counted)))
const someShare = fc.record({ active: counts, lastStarted: counts })

/** The definition, taken literally: of all that wait the next is the least by what the projects had so far. */
function orderByDefinition(waiting: readonly Queued[], share: Share): Queued[] {
  const active = new Map(share.active)
  const lastStarted = new Map(share.lastStarted)
  const rest = [...waiting]
  const order: Queued[] = []
  for (let turn = 1_000; rest.length; turn += 1) {
    const key = ({ turnOf, projectId, priority, rank, serial: arrived }: Queued) => {
      const theirs = turnOf ?? projectId
      return [-priority, active.get(theirs) ?? 0, lastStarted.get(theirs) ?? 0, rank ?? arrived, arrived]
    }
    const compare = (a: Queued, b: Queued) => {
      const [left, right] = [key(a), key(b)]
      return left.map((value, index) => value - (right[index] ?? 0)).find((difference) => difference) ?? 0
    }
    const next = rest.toSorted(compare)[0]!
    rest.splice(rest.indexOf(next), 1)
    order.push(next)
    const theirs = next.turnOf ?? next.projectId
    active.set(theirs, (active.get(theirs) ?? 0) + 1)
    lastStarted.set(theirs, turn)
  }
  return order
}

test('the order is that of its definition, of all waiting jobs, in whatever order they are given', () => {
  fc.assert(
    fc.property(someJobs, someShare, fc.infiniteStream(fc.nat(1_000)), (jobs, share, random) => {
      const shuffled = jobs
        .map((job) => ({ job, at: random.next().value }))
        .sort((a, b) => a.at - b.at)
        .map(({ job }) => job)
      expect(ids(queueOrder(shuffled, share))).toBe(ids(orderByDefinition(jobs, share)))
    }),
  )
})

test('no project waits for a second turn of another one of the same priority', () => {
  fc.assert(
    fc.property(someJobs, (jobs) => {
      const order = queueOrder(jobs, nobody)
      const theirs = ({ turnOf, projectId }: Queued) => turnOf ?? projectId
      order.forEach((first, index) => {
        const second = order.findIndex((job, at) => at > index && theirs(job) === theirs(first))
        if (second < 0 || order[second]?.priority !== first.priority) return
        const had = new Map<string, number>()
        for (const job of order.slice(0, second)) had.set(theirs(job), (had.get(theirs(job)) ?? 0) + 1)
        const poorer = order
          .slice(second + 1)
          .filter((job) => job.priority === first.priority)
          .filter((job) => (had.get(theirs(job)) ?? 0) < (had.get(theirs(first)) ?? 0))
        expect(ids(poorer)).toBe('')
      })
    }),
  )
})

test('whatever comes and ends, no limit is exceeded, no slot is given twice, and every job gets its turn', () => {
  const places = { cpu: ['cpu:0', 'cpu:1'], gpu: ['gpu:0', 'gpu:1', 'gpu:2'] }
  const someLimits = fc.dictionary(project, fc.integer({ min: 1, max: 3 }))
  fc.assert(
    fc.property(someJobs, someLimits, fc.infiniteStream(fc.nat(1_000)), (jobs, limitOf, random) => {
      const limits = new Map(Object.entries(limitOf))
      const lastStarted = new Map<string, number>()
      const toCome = [...jobs]
      let waiting: Queued[] = []
      let atWork: { job: Queued; slots: readonly string[] }[] = []
      for (let turn = 1; toCome.length || waiting.length || atWork.length; turn += 1) {
        waiting.push(...toCome.splice(0, random.next().value % 4))
        if (atWork.length) atWork = atWork.toSpliced(random.next().value % atWork.length, 1)
        for (;;) {
          const active = new Map<string, number>()
          for (const { job } of atWork) active.set(job.projectId, (active.get(job.projectId) ?? 0) + 1)
          const share = { active, lastStarted, limits }
          const isFree = (slot: string) => !atWork.some(({ slots }) => slots.includes(slot))
          const free = { cpu: places.cpu.filter(isFree), gpu: places.gpu.filter(isFree) }
          const next = nextToStart(withinLimits(queueOrder(waiting, share), share).ready, free)
          if (!next) break
          expect(next.slots.every(isFree)).toBe(true)
          atWork.push(next)
          waiting = waiting.filter((job) => job !== next.job)
          lastStarted.set(next.job.projectId, turn)
        }
        for (const [projectId, limit] of limits)
          expect(atWork.filter(({ job }) => job.projectId === projectId).length).toBeLessThanOrEqual(limit)
        expect(turn).toBeLessThan(1_000)
      }
    }),
  )
})

test('ordering 2,000 waiting jobs, and estimating their starts, takes less than half a second of a processor', () => {
  for (const projects of [1, 40, 2_000]) {
    const jobs = Array.from({ length: 2_000 }, (_, index) => aJob(`${index}`, `${index % projects}`))
    const before = process.cpuUsage()
    const order = queueOrder(jobs, nobody)
    const outlook = { now: 0, slots: { cpu: 1, gpu: 0 }, atWork: [] }
    const starts = estimateStarts(order, outlook, () => 1_000)
    const { user, system } = process.cpuUsage(before)
    expect((user + system) / 1_000).toBeLessThan(500)
    expect(starts.get(order.at(-1)?.id ?? '')).toBe(1_999_000)
  }
})
