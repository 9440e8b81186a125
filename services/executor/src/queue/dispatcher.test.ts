import { randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { waitUntil } from '@ymir/service'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { jobFolders } from '../contract/layout.ts'
import { administrator, aMember, serve, type Served } from '../testing/served.ts'
import { aPlatform, aTraining, type Platform } from '../testing/platform.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

let platform: Platform
let asking: Served
const other = randomUUID()
beforeEach(async () => {
  platform = await aPlatform({ slots: 2 })
  asking = await serve(platform)
})
afterEach(async () => {
  await asking.stop()
  await platform.close()
})

const waitsForGo = async (projectId = platform.projectId) =>
  platform.request({ ...(await aTraining(platform, { behave: 'wait' })), projectId })
/** On a busy machine it takes a while. */
const runs = (id: string) => platform.reaches(id, 'RUNNING', 30_000)
const go = (id: string) => writeFile(join(jobFolders(platform.jobsFolder, id).output, 'go'), '')

async function standing(id: string, caller = administrator) {
  const query = 'query ($id: ID!) { job(id: $id) { state queuePlace waitingFor estimatedStart } }'
  return (await asking.answer(caller, query, { id })).data.job
}

const setLimit = (limit: number | null, caller = administrator) => {
  const mutation =
    'mutation ($input: SetProjectJobLimitInput!) { setProjectJobLimit(input: $input) { limit } }'
  return asking.answer(caller, mutation, { input: { projectId: platform.projectId, limit } })
}

test('a project at its limit waits for its own jobs, says so, and holds up nobody', async () => {
  expect((await setLimit(1)).data).toEqual({ setProjectJobLimit: { limit: 1 } })
  const running = await waitsForGo()
  await runs(running)
  const held = await waitsForGo()
  const alsoHeld = await waitsForGo()
  const theirs = await waitsForGo(other)
  await runs(theirs)

  const waitingFor = "the project's limit of 1 job"
  expect(await standing(held)).toMatchObject({ state: 'QUEUED', queuePlace: 1, waitingFor })
  expect(await standing(alsoHeld)).toMatchObject({ queuePlace: 2, waitingFor })

  await go(running)
  await runs(held)
  expect(await standing(alsoHeld)).toMatchObject({ queuePlace: 1, waitingFor })
  await setLimit(null)
  // said before the queue is looked at again
  await expect
    .poll(() => standing(alsoHeld), { timeout: 10_000 })
    .toMatchObject({ queuePlace: 1, waitingFor: 'a CPU slot' })
  await go(theirs)
  await runs(alsoHeld)
  for (const id of [held, alsoHeld]) await go(id)
  await Promise.all([held, alsoHeld].map((id) => platform.ends(id)))
})

test('administrators set a project’s limit, its members read it, and who set it is told', async () => {
  const viewer = aMember({ [platform.projectId]: 'VIEWER' })
  const owner = aMember({ [platform.projectId]: 'OWNER' })
  const read = async () => {
    const query = 'query ($projectId: ID!) { projectJobLimit(projectId: $projectId) }'
    return (await asking.answer(viewer, query, { projectId: platform.projectId })).data.projectJobLimit
  }
  expect((await setLimit(1, owner)).code).toBe('FORBIDDEN')
  expect(await read()).toBeNull()
  await setLimit(2)
  await setLimit(2)
  expect(await read()).toBe(2)
  for (const wrong of [-1, 1_001]) expect((await setLimit(wrong)).code).toBe('BAD_USER_INPUT')
  const told = await platform.database.query(`select data from outbox where type like '%job_limit_set%'`)
  expect(told).toEqual([{ data: { projectId: platform.projectId, limit: 2, actorId: 'ada' } }])
})

test('a project for which no limit was set has the usual one, and none where none was chosen for it', async () => {
  await asking.stop()
  await platform.close()
  platform = await aPlatform({ slots: 3, queue: { usualLimit: 1 } })
  asking = await serve(platform)
  const running = await waitsForGo()
  await runs(running)
  const held = await waitsForGo()
  expect(await standing(held)).toMatchObject({ waitingFor: "the project's limit of 1 job" })
  await setLimit(null)
  await runs(held)
})

test('places, reasons and expected starts are told as the queue changes, once a second at most, and only what changed', async () => {
  const running = await Promise.all([waitsForGo(), waitsForGo()])
  for (const id of running) await runs(id)
  const told = (id: string) =>
    platform.telemetry.filter(({ type, data }) => type.includes('job.queued') && data.jobId === id)
  const last = (id: string) => told(id).at(-1)?.data
  const [first, second, third] = [await waitsForGo(), await waitsForGo(), await waitsForGo()]
  await waitUntil('the third to be told', () => last(third)?.waitingFor === '2 jobs before it')

  expect(last(first)).toMatchObject({ projectId: platform.projectId, place: 1, waitingFor: 'a CPU slot' })
  expect(last(second)).toMatchObject({ place: 2, waitingFor: '1 job before it' })
  expect(last(third)).toMatchObject({ place: 3 })
  // progress 0.1 predicts an end
  await waitUntil('an expected start', async () => {
    platform.dispatcher.wake().catch(() => {})
    return last(first)?.estimatedStart !== '0' && (await standing(first)).estimatedStart
  })
  const before = told(first).filter(({ data }) => data.place === 1).length
  await platform.dispatcher.cancel(second)
  await waitUntil('the third to move up', () => last(third)?.place === 2)
  expect(last(third)).toMatchObject({ waitingFor: '1 job before it' })
  expect(told(first).filter(({ data }) => data.place === 1).length - before).toBeLessThanOrEqual(1)
  expect(await standing(second)).toEqual({
    state: 'CANCELLED',
    queuePlace: null,
    waitingFor: null,
    estimatedStart: null,
  })
})

test('a burst of jobs is told in few rounds', async () => {
  const running = await Promise.all([waitsForGo(), waitsForGo()])
  for (const id of running) await runs(id)
  const begun = Date.now()
  const jobs = await Promise.all(Array.from({ length: 30 }, () => waitsForGo()))
  const places = () => {
    const latest = new Map(
      platform.telemetry
        .filter(({ type }) => type.includes('job.queued'))
        .map(({ data }) => [data.jobId, data.place]),
    )
    return jobs.flatMap((id) => latest.get(id) ?? []).toSorted((a, b) => a - b)
  }
  await waitUntil('all to be told', () => places().length === 30)
  await waitUntil('their places', () => places().every((place, index) => place === index + 1))
  const rounds = 2 + (Date.now() - begun) / 1_000
  expect(platform.telemetry.filter(({ type }) => type.includes('job.queued')).length).toBeLessThan(
    30 * rounds,
  )
})

test('a job is expected to start when those like the ones before it took as long as they usually do', async () => {
  const { database, image, projectId } = platform
  const past = (project: string, minutes: number) =>
    database.query(
      `insert into jobs (id, project_id, executor_image_id, kinds, state, request, gpu_count, priority, actor_id, slots,
         progress, cancel_requested, log_offset, scalar_offsets, queued_at, started_at, finished_at)
       values ($1, $2, $3, '{TRAINING}', 'SUCCEEDED', '{}', 0, 0, '', '{}', 1, false, 0, '{}', now(), now(),
         now() + make_interval(mins => $4))`,
      [randomUUID(), project, image.id, minutes],
    )
  for (const minutes of [1, 10, 99]) await past(projectId, minutes)
  for (const minutes of [20, 20, 20, 20]) await past(other, minutes)
  const behaving = async (project: string) =>
    platform.request({ ...(await aTraining(platform, { behave: 'forever' })), projectId: project })
  const running = [await behaving(projectId), await behaving(projectId)]
  for (const id of running) await runs(id)
  const [next, then] = [await behaving(projectId), await behaving(randomUUID())]
  const { startedAt } = await platform.job(running[0] ?? '')
  const minutesAfterStart = async (id: string) =>
    Math.round(
      (new Date((await standing(id)).estimatedStart).getTime() - (startedAt?.getTime() ?? 0)) / 60_000,
    )

  // a project without a past of its own comes first: it has had no turn
  expect(await minutesAfterStart(then)).toBe(10)
  expect(await minutesAfterStart(next)).toBe(10)
  const third = await behaving(projectId)
  // the median of its project is 10, that of all 20
  expect(await minutesAfterStart(third)).toBe(20)
})

test('a job starts past 2,000 waiting ones, and each of these knows its place, within five seconds each', async () => {
  const { database, image } = platform
  const running = [await waitsForGo(), await waitsForGo()]
  for (const id of running) await runs(id)
  await database.query(
    `insert into jobs (id, project_id, executor_image_id, kinds, state, request, gpu_count, priority, actor_id, slots,
       progress, cancel_requested, log_offset, scalar_offsets, queued_at)
     select gen_random_uuid(), 'project ' || number % 50, $1, '{TRAINING}', 'QUEUED',
       jsonb_build_object('classNames', array_fill('a class with a long name'::text, array[200])), 0, 0, '', '{}', 0,
       false, 0, '{}', now()
     from generate_series(1, 2000) as number`,
    [image.id],
  )
  const urgent = await platform.request({ ...(await aTraining(platform)), priority: 10 })
  const last = await platform.request(await aTraining(platform))
  try {
    const asked = performance.now()
    // behind the urgent one, and the three turns that each of the others has while its project has three jobs
    expect((await standing(last)).queuePlace).toBe(1 + 3 * 50 + 1)
    expect(performance.now() - asked).toBeLessThan(5_000)

    await go(running[0] ?? '')
    await platform.ends(running[0] ?? '')
    const freed = performance.now()
    await waitUntil('the urgent one to start', async () => (await platform.job(urgent)).state !== 'QUEUED')
    expect(performance.now() - freed).toBeLessThan(5_000)
  } finally {
    await platform.dispatcher.stop()
    await database.query(`update jobs set state = 'CANCELLED' where project_id like 'project %'`)
  }
})
