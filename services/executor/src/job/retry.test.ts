import { access, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { waitUntil } from '@ymir/service'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { jobFolders } from '../contract/layout.ts'
import { aPlatform, aTraining, type Platform } from '../testing/platform.ts'
import { retryJob } from './retry.ts'

let platform: Platform
beforeEach(async () => {
  platform = await aPlatform({ limits: { restarts: 1 } })
})
afterEach(() => platform.close())

const behaving = async (behave: string, more: object = {}) =>
  platform.request(await aTraining(platform, { behave, ...more }))
const foldersOf = (id: string) => jobFolders(platform.jobsFolder, id)
const states = async (id: string) => (await platform.events(id)).map(({ data }) => data.to)
const retry = async (id: string, { parameters = {}, fromLastStage = false } = {}) => {
  const { database, bus, dispatcher } = platform
  const old = await platform.job(id)
  const job = await retryJob(database.manager, bus, dispatcher, old, {
    ...{ parameters, fromLastStage, actorId: 'ada' },
  })
  void dispatcher.wake()
  return job.id
}

/** Ends everything of a running job, as a power cut would. */
async function loseMachine(id: string): Promise<void> {
  await platform.reaches(id, 'RUNNING')
  const group = await waitUntil('its process', () => readFile(join(foldersOf(id).root, 'pid'), 'utf8'))
  process.kill(-Number(group), 'SIGKILL')
}

test('a job that failed is tried again with changed parameters, and keeps the link', async () => {
  const id = await behaving('crash')
  await platform.ends(id)
  const again = await retry(id, { parameters: { behave: 'well' } })
  expect(await platform.ends(again)).toMatchObject({ state: 'SUCCEEDED', retryOfId: id, failure: null })
  expect((await platform.job(again)).request.parameters).toEqual({ behave: 'well' })
  const said = await platform.database.query<{ type: string }[]>(
    `select type from outbox where entity_id = '' and data->>'jobId' = $1 order by position limit 2`,
    [again],
  )
  expect(said.map(({ type }) => type)).toEqual(['ymir.job.retried.v1', 'ymir.job.state_changed.v1'])
  expect((await platform.events(again, 'job.retried')).map(({ data }) => data.retryOfJobId)).toEqual([id])
})

test('only what failed or was cancelled is tried again, and only once', async () => {
  const well = await behaving('well')
  await platform.ends(well)
  await expect(retry(well)).rejects.toMatchObject({
    message: `job ${well} is SUCCEEDED: only one that failed or was cancelled can be tried again`,
  })
  const id = await behaving('crash')
  await platform.ends(id)
  const [first, second] = await Promise.allSettled([retry(id), retry(id)])
  expect([first.status, second.status].toSorted()).toEqual(['fulfilled', 'rejected'])
  await expect(retry(id)).rejects.toMatchObject({
    message: expect.stringContaining('was tried again as job'),
  })
})

test('a training goes on from the last stage that it saved, as the contract tells the image', async () => {
  const id = await behaving('late')
  await waitUntil('two stages', async () => (await platform.events(id, 'job.stage_saved')).length >= 2)
  await writeFile(join(foldersOf(id).output, 'go'), '')
  await platform.ends(id)
  const again = await retry(id, { parameters: { behave: 'wait' }, fromLastStage: true })
  await platform.reaches(again, 'RUNNING')
  const { input, output } = foldersOf(again)
  expect(await readFile(join(input, 'config.yaml'), 'utf8')).toContain(
    'pretrained_model_params:\n  - /in/models/epoch_2/model.onnx',
  )
  expect(await readFile(join(input, 'models/epoch_2/model.onnx'), 'utf8')).toBe('weights of epoch_2')
  await writeFile(join(output, 'go'), '')
  expect(await platform.ends(again)).toMatchObject({ state: 'SUCCEEDED' })
})

test('going on from a stage that nobody saved is refused in words', async () => {
  const id = await behaving('crash')
  await platform.ends(id)
  await expect(retry(id, { fromLastStage: true })).rejects.toMatchObject({
    message: expect.stringContaining('cannot go on from a stage'),
  })
})

test('a job whose machine is lost starts again from its last stage, and is lost when that happens too often', async () => {
  const id = await behaving('late')
  await waitUntil('two stages', async () => (await platform.events(id, 'job.stage_saved')).length >= 2)
  await loseMachine(id)
  await waitUntil('the second attempt', async () => (await platform.job(id)).attempt === 2)
  const running = await platform.reaches(id, 'RUNNING')
  expect(running.request.stage).toMatchObject({ name: 'epoch_2' })
  await access(join(foldersOf(id).input, 'models/epoch_2/model.onnx'))
  await loseMachine(id)
  expect((await platform.ends(id)).failure).toMatchObject({ code: 'MACHINE_LOST' })
  expect(await states(id)).toEqual([
    ...['QUEUED', 'PREPARING', 'RUNNING'],
    ...['QUEUED', 'PREPARING', 'RUNNING', 'FAILED'],
  ])
})

test('a job that is cancelled while its machine is lost does not start again', async () => {
  const id = await behaving('wait')
  await platform.reaches(id, 'RUNNING')
  await Promise.all([loseMachine(id), platform.dispatcher.cancel(id)])
  expect(await platform.ends(id)).toMatchObject({ state: 'CANCELLED' })
  expect(await states(id)).toEqual(['QUEUED', 'PREPARING', 'RUNNING', 'CANCELLED'])
})
