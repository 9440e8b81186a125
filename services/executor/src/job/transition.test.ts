import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { aPlatform, type Platform } from '../testing/platform.ts'
import type { JobState } from './job.ts'
import { enqueueJob, moveJob, type Move, type NewJob } from './transition.ts'

let platform: Platform
beforeAll(async () => {
  platform = await aPlatform()
})
afterAll(() => platform.close())

const aJob = (): NewJob => ({
  id: randomUUID(),
  projectId: platform.projectId,
  executorImageId: platform.image.id,
  kinds: ['TRAINING'],
  request: { classNames: [], parameters: {}, candidateImages: [] },
  gpuCount: 0,
  priority: 0,
  actorId: '',
})

const failure = { code: 'USER_CODE', message: 'm', advice: 'a', logTail: '' } as const
const moves: readonly Move[] = [
  { to: 'PREPARING', slots: ['cpu:0'] },
  { to: 'QUEUED' },
  { to: 'RUNNING' },
  { to: 'COLLECTING' },
  { to: 'CANCELLED' },
  { to: 'SUCCEEDED', result: {} },
  { to: 'FAILED', failure },
]

/**
 * The design's words, independent of the table: a line of states, two ways out of each but the last, and one back from
 * where the machine can be lost.
 */
function modelled(from: JobState, to: JobState): boolean {
  const line = ['QUEUED', 'PREPARING', 'RUNNING', 'COLLECTING', 'SUCCEEDED']
  const place = line.indexOf(from)
  if (place < 0 || from === 'SUCCEEDED') return false
  if (to === 'QUEUED') return from === 'PREPARING' || from === 'RUNNING'
  return to === 'FAILED' || to === 'CANCELLED' || line.indexOf(to) === place + 1
}

test('any sequence of moves leaves the job where the design says, and says each change once, in order', async () => {
  const { database, bus } = platform
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...moves), { maxLength: 10 }), async (sequence) => {
      const job = aJob()
      await enqueueJob(database.manager, bus, job)
      const expected: JobState[] = ['QUEUED']
      for (const move of sequence) {
        const moved = await moveJob(database.manager, bus, job.id, move)
        const allowed = modelled(expected.at(-1) ?? 'QUEUED', move.to)
        expect(moved !== undefined).toBe(allowed)
        if (allowed) expected.push(move.to)
      }
      expect((await platform.job(job.id)).state).toBe(expected.at(-1))
      const said = (await platform.events(job.id)).map(({ data }) => [data.from, data.to])
      expect(said).toEqual(expected.map((to, index) => [expected[index - 1] ?? '', to]))
    }),
    { numRuns: 60 },
  )
}, 60_000)

test('of moves at the same time only those that the table allows one after the other happen', async () => {
  const { database, bus } = platform
  for (let round = 0; round < 10; round += 1) {
    const job = aJob()
    await enqueueJob(database.manager, bus, job)
    await moveJob(database.manager, bus, job.id, { to: 'PREPARING', slots: [] })
    const ends: Move[] = [{ to: 'CANCELLED' }, { to: 'FAILED', failure }, { to: 'CANCELLED' }]
    const moved = await Promise.all(ends.map((move) => moveJob(database.manager, bus, job.id, move)))
    expect(moved.filter(Boolean)).toHaveLength(1)
    expect(await platform.events(job.id)).toHaveLength(3)
  }
})

test('asking for a job twice changes nothing', async () => {
  const { database, bus } = platform
  const job = aJob()
  expect(await enqueueJob(database.manager, bus, job)).toMatchObject({ state: 'QUEUED' })
  expect(await enqueueJob(database.manager, bus, { ...job, priority: 9 })).toBeUndefined()
  expect(await platform.job(job.id)).toMatchObject({ priority: 0 })
  expect(await platform.events(job.id)).toHaveLength(1)
})
