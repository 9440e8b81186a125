import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { enqueueJob, moveJob } from '../job/transition.ts'
import { administrator, aMember, serve, type Served } from '../testing/served.ts'
import { aPlatform, type Platform } from '../testing/platform.ts'
import { moveBefore } from './move.ts'

let platform: Platform
let asking: Served
beforeAll(async () => {
  platform = await aPlatform({ slots: 0 })
  asking = await serve(platform)
})
afterAll(async () => {
  await asking.stop()
  await platform.close()
})

const ada = { actorId: 'ada', isAdministrator: true }

async function enqueue(projectId: string, priority = 0): Promise<string> {
  const id = randomUUID()
  await enqueueJob(platform.database.manager, platform.bus, {
    id,
    projectId,
    executorImageId: platform.image.id,
    kinds: ['TRAINING'],
    request: { classNames: [], parameters: {}, candidateImages: [] },
    gpuCount: 0,
    priority,
    actorId: '',
  })
  return id
}

/** The jobs in the order in which they will start. */
async function inOrder(jobs: readonly string[]): Promise<string[]> {
  await platform.dispatcher.wake()
  const standings = await platform.dispatcher.standingsOf(jobs)
  const placeOf = new Map(jobs.map((id, index) => [id, standings[index]?.place ?? Infinity]))
  return jobs.toSorted((a, b) => (placeOf.get(a) ?? 0) - (placeOf.get(b) ?? 0))
}

const change = (mutation: string, type: string) => (input: object, caller: typeof administrator) =>
  asking.answer(
    caller,
    `mutation ($input: ${type}!) { ${mutation}(input: $input) { job { id queuePlace priority } } }`,
    { input },
  )
const move = change('moveQueuedJob', 'MoveQueuedJobInput')
const setPriority = change('setJobPriority', 'SetJobPriorityInput')

test('a moved job is right before the one that it was put before, and nothing else moves', async () => {
  const projectId = randomUUID()
  const jobs: string[] = []
  for (let count = 0; count < 6; count += 1) jobs.push(await enqueue(projectId))
  let expected = jobs
  const somewhere = fc.nat(jobs.length - 1)
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(somewhere, somewhere), { maxLength: 6 }), async (moves) => {
      for (const [from, to] of moves.filter(([one, another]) => one !== another)) {
        const [id = '', beforeId = ''] = [jobs[from], jobs[to]]
        await moveBefore(platform, { id, beforeId }, ada)
        const rest = expected.filter((one) => one !== id)
        expected = rest.toSpliced(rest.indexOf(beforeId), 0, id)
      }
      expect(await inOrder(jobs)).toEqual(expected)
    }),
    { numRuns: 25 },
  )
}, 60_000)

test('a hundred moves to one place leave every job where it was put', async () => {
  const projectId = randomUUID()
  const jobs: string[] = []
  for (let count = 0; count < 4; count += 1) jobs.push(await enqueue(projectId))
  const [ahead = '', one = '', another = '', last = ''] = jobs
  for (let count = 0; count < 50; count += 1)
    for (const id of [one, another]) await moveBefore(platform, { id, beforeId: last }, ada)
  expect(await inOrder(jobs)).toEqual([ahead, one, another, last])
})

test('editors move jobs of their project; who moved what is told once, also when it is asked twice', async () => {
  const projectId = randomUUID()
  const [one, two] = [await enqueue(projectId), await enqueue(projectId)]
  const input = { id: two, before: one }
  expect((await move(input, aMember({ [projectId]: 'VIEWER' }))).code).toBe('FORBIDDEN')
  const editor = aMember({ [projectId]: 'EDITOR' })
  for (let times = 0; times < 2; times += 1)
    expect((await move(input, editor)).data.moveQueuedJob.job).toMatchObject({ id: two, priority: 0 })
  expect(await inOrder([one, two])).toEqual([two, one])
  expect(await platform.events(two, 'job.moved')).toMatchObject([
    { data: { projectId, jobId: two, beforeJobId: one, actorId: 'mel' } },
  ])
  expect((await setPriority({ id: one, priority: 1 }, editor)).code).toBe('FORBIDDEN')
})

test('only administrators put a job before one of another project or priority, and it takes that one’s turn', async () => {
  const [mine, theirs] = [randomUUID(), randomUUID()]
  const [a1, a2] = [await enqueue(mine), await enqueue(mine)]
  const [b1, urgent] = [await enqueue(theirs), await enqueue(mine, 10)]
  const editor = aMember({ [mine]: 'EDITOR', [theirs]: 'EDITOR' })
  for (const before of [b1, urgent]) expect((await move({ id: a2, before }, editor)).code).toBe('FORBIDDEN')
  expect(await inOrder([a1, a2, b1, urgent])).toEqual([urgent, b1, a1, a2])

  await move({ id: a2, before: b1 }, administrator)
  expect(await inOrder([a1, a2, b1, urgent])).toEqual([urgent, a2, a1, b1])
  await move({ id: a1, before: urgent }, administrator)
  expect(await inOrder([a1, a2, b1, urgent])).toEqual([a1, urgent, a2, b1])
})

test('administrators set the priority of a waiting job, -100 to 100', async () => {
  const projectId = randomUUID()
  const [one, two] = [await enqueue(projectId), await enqueue(projectId)]
  const answer = await setPriority({ id: two, priority: 100 }, administrator)
  expect(answer.data.setJobPriority.job).toMatchObject({ id: two, priority: 100 })
  expect(await inOrder([one, two])).toEqual([two, one])
  for (const priority of [-101, 101])
    expect((await setPriority({ id: two, priority }, administrator)).code).toBe('BAD_USER_INPUT')
})

test('a job that does not wait any more has no place: the error says what it is', async () => {
  const { database, bus } = platform
  const projectId = randomUUID()
  const [gone, waiting] = [await enqueue(projectId), await enqueue(projectId)]
  await moveJob(database.manager, bus, gone, { to: 'CANCELLED' })
  for (const input of [
    { id: gone, before: waiting },
    { id: waiting, before: gone },
  ])
    expect(await move(input, administrator)).toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining(`job ${gone} is CANCELLED`),
    })
  expect((await setPriority({ id: gone, priority: 1 }, administrator)).code).toBe('CONFLICT')
  expect((await move({ id: randomUUID(), before: waiting }, administrator)).code).toBe('NOT_FOUND')
  expect((await move({ id: waiting, before: 'nonsense' }, administrator)).code).toBe('NOT_FOUND')
  expect((await move({ id: waiting, before: waiting }, administrator)).code).toBe('BAD_USER_INPUT')
})
