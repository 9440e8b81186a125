import { randomUUID } from 'node:crypto'
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { waitUntil } from '@ymir/service'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { jobFolders } from '../contract/layout.ts'
import { JobLog } from '../log/job-log.ts'
import { Mask } from '../secret/mask.ts'
import type { Driver, Ending, Launch, Started } from './driver.ts'

/** What the tests need to know of a driver and its engine. */
export interface Conformance {
  /** A driver without a memory, as after a restart of the service. */
  newDriver(): Driver
  readonly image: Launch['image']
  /** Kills a job that runs behind the driver's back, so that nobody learns its exit code. */
  lose(job: Started): Promise<void>
}

const patience = { timeoutMs: 30_000 }

/** A job that is prepared as far as the sample image looks. */
export async function aLaunch(
  jobsFolder: string,
  image: Launch['image'],
  behave: string,
  { gpus = [] }: { gpus?: Launch['gpus'] } = {},
): Promise<Launch> {
  const jobId = randomUUID()
  const folders = jobFolders(jobsFolder, jobId)
  for (const folder of [folders.input, folders.output]) await mkdir(folder, { recursive: true })
  await chmod(folders.output, 0o777)
  await writeFile(join(folders.input, 'config.yaml'), `behave: ${behave}\n`)
  await writeFile(join(folders.input, 'env.yaml'), '')
  await writeFile(folders.log, '')
  const log = new JobLog(folders.log, () => new Mask([]))
  return { jobId, image, folders, log, gpus, sharedMemoryBytes: 2 ** 20, timeSeconds: 600 }
}

/**
 * Declares the tests that every driver passes, with the sample image. What they claim is what `Driver` promises; the
 * executor relies on nothing else.
 * @param conformance called when tests run
 */
export function testConformance(conformance: () => Conformance): void {
  let jobsFolder: string
  let started: Launch[] = []
  beforeAll(async () => {
    jobsFolder = await mkdtemp(join(tmpdir(), 'ymir driver 100%j-'))
  })
  afterEach(async () => {
    for (const job of started) {
      await newDriver().stop(job, 0)
      await newDriver().collect(job)
      await job.log.close()
    }
    started = []
  })
  afterAll(() => rm(jobsFolder, { recursive: true, force: true }))

  const newDriver = () => conformance().newDriver()

  async function start(behave: string): Promise<Launch> {
    const launch = await aLaunch(jobsFolder, conformance().image, behave)
    started.push(launch)
    const driver = newDriver()
    await driver.prepare(launch)
    await driver.start(launch)
    return launch
  }

  const end = (job: Started): Promise<Ending> => newDriver().watch(job, AbortSignal.timeout(60_000))
  const logOf = ({ folders }: Started) => readFile(folders.log, 'utf8')
  const go = ({ folders }: Started) => writeFile(join(folders.output, 'go'), '')
  const writes = ({ folders }: Started, name: string) =>
    waitUntil(`${name} to be there`, () => stat(join(folders.output, name)).catch(() => undefined), patience)

  test('an image describes itself without being run', async () => {
    const { files } = await newDriver().inspect(conformance().image.reference)
    expect(files.get('training-template.yaml')).toBeDefined()
  })

  test('an image that is not there is missing', async () => {
    const inspected = newDriver().inspect('localhost/nobody/made-this:1')
    await expect(inspected).rejects.toMatchObject({ code: 'IMAGE_MISSING' })
  })

  test('an image runs and leaves its exit code and all that it printed', async () => {
    const job = await start('well')
    expect(await end(job)).toEqual({ how: 'exited', exitCode: 0, outOfMemory: false })
    expect(await logOf(job)).toBe('hello from the sample image: behave well\n')
    expect(await readFile(join(job.folders.output, 'monitor.txt'), 'utf8')).toContain('\t1\t3')
  })

  test('a crash leaves its exit code and the end of the log', async () => {
    const job = await start('crash')
    expect(await end(job)).toEqual({ how: 'exited', exitCode: 9, outOfMemory: false })
    expect(await logOf(job)).toContain('Traceback: boom')
  })

  test('stop kills what ignores SIGTERM, and everything that the image started', async () => {
    const job = await start('brood')
    await writes(job, 'beat')
    await newDriver().stop(job, 200)
    const beat = async () => (await stat(join(job.folders.output, 'beat'))).size
    const last = await beat()
    await delay(500) // the image's child writes twenty times a second
    expect(await beat()).toBe(last)
    expect(await newDriver().adopt(job)).not.toBe('running')
  })

  test('stop lets an image that heeds SIGTERM end by itself', async () => {
    const job = await start('polite')
    await writes(job, 'ready')
    await newDriver().stop(job, 20_000)
    expect(await logOf(job)).toContain('goodbye')
    await newDriver().stop(job, 20_000)
  })

  test('of nothing, stop and collect do nothing and adopt finds nothing', async () => {
    const job = await aLaunch(jobsFolder, conformance().image, 'well')
    await newDriver().stop(job, 0)
    await newDriver().collect(job)
    expect(await newDriver().adopt(job)).toBe('nothing')
    await rm(job.folders.root, { recursive: true })
    await newDriver().stop(job, 0)
    await newDriver().collect(job)
    expect(await newDriver().adopt(job)).toBe('nothing')
  })

  test('a driver without a memory adopts what runs, and watches it to its end', async () => {
    const job = await start('wait')
    expect(await newDriver().adopt(job)).toBe('running')
    await go(job)
    expect(await end(job)).toMatchObject({ how: 'exited', exitCode: 0 })
    expect(await newDriver().adopt(job)).toBe('ended')
  })

  test('of a job that ended while nobody looked the exit code and the log are known', async () => {
    const job = await start('crash')
    await waitUntil('the job to end', async () => (await newDriver().adopt(job)) === 'ended', patience)
    expect(await end(job)).toMatchObject({ how: 'exited', exitCode: 9 })
    expect(await logOf(job)).toContain('Traceback: boom')
  })

  test('a job that was killed from outside is lost', async () => {
    const job = await start('wait')
    await writes(job, 'monitor.txt')
    const ending = end(job)
    await conformance().lose(job)
    expect(await ending).toMatchObject({ how: 'lost' })
  })

  test('watching ends when the signal aborts, and the image runs on', async () => {
    const job = await start('wait')
    await writes(job, 'monitor.txt')
    await expect(newDriver().watch(job, AbortSignal.timeout(50))).rejects.toThrow()
    expect(await newDriver().adopt(job)).toBe('running')
    await go(job)
    expect(await end(job)).toMatchObject({ how: 'exited', exitCode: 0 })
  })
}
