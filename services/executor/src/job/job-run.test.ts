import { access, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readJsonLines } from '@ymir/blobs'
import { waitUntil } from '@ymir/service'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { jobFolders } from '../contract/layout.ts'
import { anEntry, aPlatform, aTraining, type Platform } from '../testing/platform.ts'

let platform: Platform
beforeEach(async () => {
  platform = await aPlatform()
})
afterEach(() => platform.close())

const states = async (id: string) => (await platform.events(id)).map(({ data }) => data.to)
const behaving = async (behave: string, more: object = {}) =>
  platform.request(await aTraining(platform, { behave, ...more }))
const foldersOf = (id: string) => jobFolders(platform.jobsFolder, id)
/** The sample image goes on when it finds this file. */
const go = (id: string) => writeFile(join(foldersOf(id).output, 'go'), '')

test('a training goes through all states and leaves its best stage', async () => {
  const id = await platform.request(await aTraining(platform))
  const job = await platform.ends(id)

  expect(job.failure).toBeNull()
  expect(job.result).toEqual({ bestStageName: 'epoch_2' })
  expect(job.progress).toBe(1)
  expect(await states(id)).toEqual(['QUEUED', 'PREPARING', 'RUNNING', 'COLLECTING', 'SUCCEEDED'])
  const stages = (await platform.events(id, 'job.stage_saved')).map(({ data }) => data)
  expect(stages.at(-1)).toMatchObject({ stageName: 'epoch_2', best: true, metrics: { mAP: 0.8, tp: 5 } })
  expect(stages.map(({ stageName }) => stageName)).toContain('epoch_1')
  const [file] = stages.at(-1).files
  expect((await platform.blobs.get(file.blob.sha256)).toString()).toBe('weights of epoch_2')
})

test('mining and inference together leave scores and predictions of every candidate', async () => {
  const entries = await Promise.all(['a', 'b', 'c'].map((name) => anEntry(platform, name)))
  const candidateVersionId = await platform.addVersion(entries)
  const request = { classNames: ['cat'], parameters: {}, candidateImages: [], candidateVersionId }
  const job = await platform.ends(await platform.request({ kinds: ['MINING', 'INFERENCE'], request }))

  expect(job.failure).toBeNull()
  const { scores, predictions } = job.result ?? {}
  expect(await lines(scores?.sha256)).toEqual([
    { assetId: entries[2]?.assetId, score: 0.3 },
    { assetId: entries[1]?.assetId, score: 0.2 },
    { assetId: entries[0]?.assetId, score: 0.1 },
  ])
  expect(await lines(predictions?.sha256)).toEqual(
    entries.map(({ assetId }) => ({
      assetId,
      annotations: [{ label: 'cat', score: 0.9, box: { x: 1, y: 2, width: 3, height: 4 } }],
    })),
  )
})

test('a photo is looked at without a dataset version', async () => {
  const photo = await platform.blobs.put(Buffer.from('\xff\xd8\xff a photo', 'latin1'))
  const request = { classNames: ['cat'], parameters: {}, candidateImages: [photo] }
  const job = await platform.ends(await platform.request({ kinds: ['INFERENCE'], request }))

  expect(job.failure).toBeNull()
  expect(await lines(job.result?.predictions?.sha256)).toMatchObject([{ assetId: photo.sha256 }])
})

test('a crash names the exit code, what the image told in words, and the end of the log', async () => {
  const { failure } = await platform.ends(await behaving('crash'))

  expect(failure).toMatchObject({
    code: 'USER_CODE',
    exitCode: 9,
    message: 'the image ended with exit code 9: no training or validation data: the data is not there',
  })
  expect(failure?.logTail).toContain('Traceback: boom')
  expect(failure?.advice).not.toBe('')
})

test('garbage in monitor.txt does not disturb a job', async () => {
  const job = await platform.ends(await behaving('garbage'))
  // the sample image goes on to train, and writes its progress over the garbage
  expect(job).toMatchObject({ state: 'SUCCEEDED', failure: null })
})

test('an image that ends well without a result broke the contract', async () => {
  const { failure } = await platform.ends(await behaving('nothing'))
  expect(failure).toMatchObject({ code: 'CONTRACT_VIOLATION' })
  expect(failure?.message).toContain('/out/models/result.yaml')
})

test('an image that never ends is stopped at its time limit, although it ignores SIGTERM', async () => {
  const { failure } = await platform.ends(await behaving('forever', { time_limit_seconds: 1 }))
  expect(failure).toMatchObject({ code: 'TIMEOUT' })
})

test('an image killed by the system was out of memory', async () => {
  const { failure } = await platform.ends(await behaving('killed'))
  expect(failure).toMatchObject({ code: 'OUT_OF_MEMORY', exitCode: 137 })
})

test('nothing that an image leaves running outlives the job', async () => {
  const id = await behaving('stubborn')
  expect(await platform.ends(id)).toMatchObject({ state: 'SUCCEEDED' })
  const group = Number(await readFile(join(foldersOf(id).root, 'pid'), 'utf8'))
  await waitUntil('the process group to be empty', () => isEmpty(group))
})

test('stages saved before a failure are kept', async () => {
  const id = await behaving('late')
  await waitUntil('two stages', async () => (await platform.events(id, 'job.stage_saved')).length >= 2)
  await go(id)
  expect((await platform.ends(id)).failure).toMatchObject({ code: 'USER_CODE', exitCode: 7 })
  expect(await platform.database.query('select name from job_stages where job_id = $1', [id])).toHaveLength(2)
})

test('a job of an unknown export format fails before anything starts', async () => {
  const id = await behaving('well', { export_format: 'papyrus:raw' })
  expect((await platform.ends(id)).failure).toMatchObject({ code: 'BAD_CONFIGURATION' })
  expect(await states(id)).toEqual(['QUEUED', 'PREPARING', 'FAILED'])
})

test('cancelling ends a running job that ignores SIGTERM within five seconds, and frees its slot', async () => {
  const id = await behaving('forever')
  const waiting = await behaving('well')
  await platform.reaches(id, 'RUNNING')
  const before = Date.now()
  await platform.dispatcher.cancel(id)
  await platform.dispatcher.cancel(id)
  expect(await platform.ends(id)).toMatchObject({ state: 'CANCELLED', failure: null })
  expect(Date.now() - before).toBeLessThan(5_000)
  expect(await platform.ends(waiting)).toMatchObject({ state: 'SUCCEEDED' })
  expect((await states(id)).filter((state) => state === 'CANCELLED')).toHaveLength(1)
})

test('cancelling a waiting job takes it out of the queue at once', async () => {
  const running = await behaving('wait')
  await platform.reaches(running, 'RUNNING')
  const waiting = await behaving('well')
  await platform.dispatcher.cancel(waiting)
  expect(await platform.job(waiting)).toMatchObject({ state: 'CANCELLED' })
  await go(running)
  expect(await platform.ends(running)).toMatchObject({ state: 'SUCCEEDED' })
  expect(await states(waiting)).toEqual(['QUEUED', 'CANCELLED'])
})

test('a running job is adopted after a restart, and its log is told once', async () => {
  const id = await behaving('late')
  await platform.reaches(id, 'RUNNING')
  await waitUntil('some log', () => logOf(id).length > 0)
  await platform.restart()
  await waitUntil('more log', () => logOf(id).length > 2)
  await go(id)
  expect((await platform.ends(id)).failure).toMatchObject({ code: 'USER_CODE', exitCode: 7 })
  expect(await states(id)).toEqual(['QUEUED', 'PREPARING', 'RUNNING', 'FAILED'])
  expect(logOf(id).join('')).toBe(await readFile(foldersOf(id).log, 'utf8'))
})

test('a job that ended while the service was away ends with its own exit code', async () => {
  const id = await behaving('late')
  await platform.reaches(id, 'RUNNING')
  await platform.dispatcher.stop()
  await go(id)
  await waitUntil('the image to end', () =>
    access(join(foldersOf(id).root, 'exit')).then(
      () => true,
      () => false,
    ),
  )
  expect((await platform.job(id)).state).toBe('RUNNING')
  await platform.restart()
  expect((await platform.ends(id)).failure).toMatchObject({ code: 'USER_CODE', exitCode: 7 })
})

test('a job whose processes were all killed while the service was away is lost, and says so', async () => {
  const id = await behaving('wait')
  await platform.reaches(id, 'RUNNING')
  await platform.dispatcher.stop()
  process.kill(-Number(await readFile(join(foldersOf(id).root, 'pid'), 'utf8')), 'SIGKILL')
  await platform.restart()
  expect((await platform.ends(id)).failure).toMatchObject({ code: 'MACHINE_LOST' })
})

test('a job that a service left while preparing is prepared again, and what it started is ended', async () => {
  const id = await behaving('wait')
  await platform.reaches(id, 'RUNNING')
  await platform.dispatcher.stop()
  const before = Number(await readFile(join(foldersOf(id).root, 'pid'), 'utf8'))
  // as if the service had been killed between starting the image and noting that it runs
  await platform.database.query(`update jobs set state = 'PREPARING' where id = $1`, [id])
  await platform.restart()
  await platform.reaches(id, 'RUNNING')
  const after = Number(await readFile(join(foldersOf(id).root, 'pid'), 'utf8'))
  expect(after).not.toBe(before)
  await waitUntil('what it started before to be gone', () => isEmpty(before))
  await go(id)
  expect(await platform.ends(id)).toMatchObject({ state: 'SUCCEEDED' })
})

test('progress, log and scalars are told while the job runs, and progress never goes back', async () => {
  const id = await behaving('wait')
  await waitUntil('progress', () => platform.telemetry.some(({ type }) => type.includes('job.progressed')))
  await waitUntil('log', () => logOf(id).join('').includes('hello from the sample image'))
  await writeFile(join(foldersOf(id).output, 'monitor.txt'), 't\t1\t0.05\t2\n')
  await go(id)
  await platform.ends(id)
  const told = platform.telemetry
    .filter(({ type }) => type.includes('job.progressed'))
    .map(({ data }) => data.progress)
  expect(told).toEqual(told.toSorted((a: number, b: number) => a - b))
  expect(told[0]).toBe(0.1)
})

test('of an ended job the input is gone and the output is there', async () => {
  const id = await behaving('well')
  await platform.ends(id)
  const { input, output } = foldersOf(id)
  await waitUntil('the input to be removed', () =>
    access(input).then(
      () => false,
      () => true,
    ),
  )
  await access(join(output, 'models', 'result.yaml'))
})

test('an image that writes more than it may is stopped', async () => {
  await platform.close()
  platform = await aPlatform({ limits: { timeSeconds: 60, outputBytes: 200_000 } })
  const id = await behaving('fills')
  expect((await platform.ends(id, 20_000)).failure).toMatchObject({ code: 'DISK_FULL' })
})

function isEmpty(processGroup: number): boolean {
  try {
    process.kill(-processGroup, 0)
    return false
  } catch {
    return true
  }
}

function logOf(id: string): string[] {
  return platform.telemetry
    .filter(({ type, data }) => type.includes('job.log_written') && data.jobId === id)
    .map(({ data }) => data.text)
}

async function lines(sha256 = ''): Promise<unknown[]> {
  const values: unknown[] = []
  for await (const value of readJsonLines(platform.blobs.read(sha256))) values.push(value)
  return values
}
