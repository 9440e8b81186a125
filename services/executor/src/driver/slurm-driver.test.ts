import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { waitUntil } from '@ymir/service'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { jobFolders } from '../contract/layout.ts'
import { rawOutputFiles } from '../log/raw-output.ts'
import { aPlatform, startedOf, aTraining, sampleImage, type Platform } from '../testing/platform.ts'
import { cpusOfNode, startSlurm, type TestSlurm } from '../testing/slurm.ts'
import { nameOf, type Gpu, type Launch, type Started } from './driver.ts'
import { aLaunch, testConformance } from './driver-conformance.ts'
import { endingOf, SlurmDriver } from './slurm-driver.ts'
import { parseJobs } from './slurm.ts'

const found = await startSlurm()
if ('reason' in found) console.log(`tests on Slurm are skipped: ${found.reason}`)

describe.skipIf('reason' in found)('on a Slurm cluster', { timeout: 90_000 }, () => {
  const slurm = found as TestSlurm // skipped otherwise
  afterAll(() => slurm.stop(), 60_000)
  const newDriver = (more: NodeJS.ProcessEnv = {}) =>
    new SlurmDriver({ ...slurm.environment, ...more }, { pollMs: 200, fileDelayMs: 300 })

  describe('as every driver', () => {
    testConformance(() => ({
      newDriver: () => newDriver(),
      image: { reference: sampleImage, digest: null },
      lose: (job) => {
        slurm.command('scancel', `--name=${nameOf(job)}`)
        return Promise.resolve()
      },
    }))
  })

  describe('with what only Slurm does', () => {
    let home: string
    beforeAll(async () => {
      home = await mkdtemp(join(tmpdir(), 'ymir-slurm-driver-'))
    })
    afterAll(() => rm(home, { recursive: true, force: true }))

    const image = { reference: sampleImage, digest: null }
    const soon = { timeoutMs: 30_000 }
    const start = async (behave: string, driver = newDriver()): Promise<Launch> => {
      const launch = await aLaunch(home, image, behave)
      await driver.start(launch)
      return launch
    }
    const end = (job: Started) => newDriver().watch(job, AbortSignal.timeout(60_000))
    // where nobody watches a job, what it prints is not in the log yet
    const logOf = async ({ folders }: Started) =>
      (await readFile(folders.log, 'utf8')) ||
      (await readFile(join(folders.root, rawOutputFiles.STDOUT), 'utf8').catch(() => ''))
    const runs = (job: Started) =>
      waitUntil('the image to run', async () => (await logOf(job)).includes('hello'), soon)
    /** Slurm's ids of what it has of a job, those that are over too. */
    const idsOf = (job: Started, ...options: string[]) =>
      slurm
        .command('squeue', '--noheader', '--format=%A', `--name=${nameOf(job)}`, ...options)
        .split('\n')
        .filter(Boolean)
    /** Its jobs wait. */
    const holding = () => newDriver({ YMIR_SLURM_PARTITION: 'closed' })

    test('a job that is started twice runs once', async () => {
      const job = await start('wait')
      await newDriver().start(job)
      expect(idsOf(job)).toHaveLength(1)
      await runs(job)
      await newDriver().start(job)
      await writeFile(join(job.folders.output, 'go'), '')
      expect(await end(job)).toMatchObject({ exitCode: 0 })
      expect((await logOf(job)).match(/hello/g)).toHaveLength(1)
      expect(idsOf(job, '--states=all')).toHaveLength(1)
    })

    test('what a killed service handed over late steps back, and does not end the job that runs', async () => {
      const job = await start('wait', holding())
      const [late = ''] = idsOf(job)
      // a restarted service that did not see it yet prepares the job again
      await rm(join(job.folders.root, 'attempt'))
      await newDriver().start(job)
      await runs(job)
      await slurm.openOnce(() =>
        waitUntil('the late one to step back', () => !idsOf(job).includes(late), soon),
      )
      expect(await newDriver().adopt(job)).toBe('running')
      await writeFile(join(job.folders.output, 'go'), '')
      expect(await end(job)).toMatchObject({ exitCode: 0 })
      expect((await logOf(job)).match(/hello/g)).toHaveLength(1)
    })

    test('a job that waits in Slurm is adopted as running, says what it waits for, and begins when Slurm lets it', async () => {
      const before = Date.now()
      const job = await start('well', holding())
      expect(await newDriver().adopt(job)).toBe('running')
      const told: string[] = []
      const begun = newDriver().begun(job, (waitingFor) => told.push(waitingFor), AbortSignal.timeout(60_000))
      await waitUntil('the reason', () => told.length > 0, soon)
      expect(told).toEqual([`waits in Slurm's queue as job ${idsOf(job)[0]}: PartitionDown`])
      await slurm.openOnce(() => begun)
      expect((await begun).getTime()).toBeGreaterThan(before)
      expect(await end(job)).toMatchObject({ exitCode: 0 })
    })

    test('a job that waits in Slurm is stopped by taking it out of the queue', async () => {
      const job = await start('well', holding())
      await newDriver().stop(job, 30_000)
      expect(idsOf(job)).toEqual([])
      expect(await newDriver().adopt(job)).toBe('nothing')
      expect(await logOf(job)).toBe('')
    })

    test('jobs go to the partition, with the memory, CPUs and time that are asked for', async () => {
      const limits = { YMIR_JOB_MEMORY_BYTES: String(2 ** 20), YMIR_JOB_CPUS: '1' }
      const job = await start('wait', newDriver({ YMIR_SLURM_PARTITION: 'priority', ...limits }))
      const told = slurm.command('scontrol', 'show', 'job', ...idsOf(job))
      expect(told).toContain('Partition=priority')
      expect(told).toContain('MinMemoryNode=1M')
      expect(told).toContain('CPUs/Task=1')
      expect(told).toContain('TimeLimit=00:15:00') // ten minutes, and five for the service to be first
      await newDriver().stop(job, 0)
    })

    test('a partition that is not there fails the start, in Slurm’s words', async () => {
      const started = start('well', newDriver({ YMIR_SLURM_PARTITION: 'nowhere' }))
      await expect(started).rejects.toMatchObject({
        code: 'MACHINE_LOST',
        message: expect.stringContaining('invalid partition specified: nowhere'),
      })
    })

    test('an image sees as many GPUs as it was given, counted from 0, and nothing of the service’s environment', async () => {
      const folder = join(home, 'shows-environment')
      await mkdir(folder, { recursive: true })
      await writeFile(join(folder, 'start.sh'), 'env')
      vi.stubEnv('YMIR_SECRET', 'of the service')
      try {
        for (const [gpus, visible] of [
          [[], ''],
          [[aGpu(5), aGpu(7)], '0,1'],
        ] as const) {
          const job = await aLaunch(home, { reference: folder, digest: null }, '', { gpus })
          await newDriver().start(job)
          expect(await end(job)).toMatchObject({ exitCode: 0 })
          const environment = (await logOf(job)).split('\n')
          expect(environment).toContain(`CUDA_VISIBLE_DEVICES=${visible}`)
          expect(environment).toContain(`YMIR_IN=${job.folders.input}`)
          expect(environment.join()).not.toContain('YMIR_SECRET')
        }
      } finally {
        vi.unstubAllEnvs()
      }
    })

    test('a job whose node fails is lost, and says which', async () => {
      const job = await start('wait')
      await runs(job)
      const ending = end(job)
      slurm.command('scontrol', 'update', 'nodename=ymirnode', 'state=down', 'reason=pulled the plug')
      try {
        expect(await ending).toMatchObject({
          how: 'lost',
          why: expect.stringMatching(/^Slurm's job \d+ on ymirnode is lost: a node failed \(NODE_FAIL/),
        })
      } finally {
        await slurm.nodeReady()
      }
    })

    test('a job that another one preempts is lost, and says so', async () => {
      const YMIR_JOB_CPUS = String(cpusOfNode)
      const job = await start('wait', newDriver({ YMIR_JOB_CPUS }))
      await runs(job)
      const other = await start('well', newDriver({ YMIR_JOB_CPUS, YMIR_SLURM_PARTITION: 'priority' }))
      expect(await end(job)).toMatchObject({ how: 'lost', why: expect.stringContaining('PREEMPTED') })
      expect(await end(other)).toMatchObject({ exitCode: 0 })
    })

    test('a job runs on while the controller is away, and its end is known without it', async () => {
      const [one, other] = [await start('wait'), await start('wait')]
      await Promise.all([runs(one), runs(other)])
      const endings = Promise.all([end(one), end(other)])
      await slurm.stopController()
      try {
        await writeFile(join(one.folders.output, 'go'), '')
        expect(await end(one)).toEqual({ how: 'exited', exitCode: 0, outOfMemory: false })
      } finally {
        await slurm.startController()
      }
      await writeFile(join(other.folders.output, 'go'), '')
      expect(await endings).toMatchObject([{ exitCode: 0 }, { exitCode: 0 }])
    })

    test('however many jobs are watched, Slurm is asked once in a while for all of them', async () => {
      const { calls, path } = await countingCalls(home, 'squeue')
      const jobs = await Promise.all(Array.from({ length: 6 }, () => start('wait')))
      const driver = new SlurmDriver(slurm.environment, { pollMs: 1_000, fileDelayMs: 0 })
      vi.stubEnv('PATH', path)
      try {
        const done = new AbortController()
        const watched = jobs.map((job) => driver.watch(job, done.signal).catch(() => 'aborted'))
        await waitUntil('three looks', async () => (await calls()) >= 3, soon)
        const before = Date.now()
        await waitUntil('three more looks', async () => (await calls()) >= 6, soon)
        expect(Date.now() - before).toBeGreaterThan(2_000)
        done.abort()
        await Promise.all(watched)
      } finally {
        vi.unstubAllEnvs()
        await Promise.all(jobs.map((job) => newDriver().stop(job, 0)))
      }
    })
  })

  describe('for the executor', () => {
    let platform: Platform
    beforeAll(async () => {
      platform = await aPlatform({ slurm: newDriver() })
    })
    afterAll(() => platform.close())
    const behaving = async (behave: string) => platform.request(await aTraining(platform, { behave }))
    const foldersOf = (id: string) => jobFolders(platform.jobsFolder, id)
    const log = (id: string) => readFile(foldersOf(id).log, 'utf8')

    test('a training runs on the cluster and leaves its stages', async () => {
      const job = await platform.ends(await behaving('well'), 60_000)
      expect(job.failure).toBeNull()
      expect(job.result).toEqual({ bestStageName: 'epoch_2' })
    })

    test('cancelling ends a job that ignores SIGTERM, also for Slurm', async () => {
      const id = await behaving('forever')
      await waitUntil('some log', async () => (await log(id)).includes('will never end'), {
        timeoutMs: 30_000,
      })
      await platform.dispatcher.cancel(id)
      expect(await platform.ends(id)).toMatchObject({ state: 'CANCELLED' })
      const job = startedOf(platform, id)
      await waitUntil('nothing to run', async () => (await platform.drivers.slurm.adopt(job)) === 'ended', {
        timeoutMs: 30_000,
      })
    })

    test('a job that waits in Slurm says so, also after a restart, and its time limit counts from when it begins', async () => {
      const driver = newDriver({ YMIR_SLURM_PARTITION: 'closed' })
      const waiting = await aPlatform({ slurm: driver, limits: { timeSeconds: 60, outputBytes: 2 ** 30 } })
      try {
        const id = await waiting.request(await aTraining(waiting, { behave: 'well' }))
        const saysSo = () =>
          waitUntil(
            'the reason',
            async () =>
              /^waits in Slurm's queue .*PartitionDown$/.test((await waiting.job(id)).message ?? ''),
            { timeoutMs: 30_000 },
          )
        await saysSo()
        const longAgo = `started_at = now() - interval '1 day', message = null`
        await waiting.database.query(`update jobs set ${longAgo} where id = $1`, [id])
        await waiting.restart()
        await saysSo()
        await slurm.openOnce(() => waiting.ends(id, 60_000))
        expect(await waiting.job(id)).toMatchObject({ state: 'SUCCEEDED', failure: null, message: null })
      } finally {
        await waiting.close()
      }
    })

    test('a job is adopted after a restart, with its log neither lost nor doubled', async () => {
      const id = await behaving('late')
      await waitUntil('some log', async () => (await log(id)).includes('waiting'), { timeoutMs: 30_000 })
      await platform.restart()
      const before = (await log(id)).length
      await waitUntil('more log', async () => (await log(id)).length > before)
      await writeFile(join(foldersOf(id).output, 'go'), '')
      expect((await platform.ends(id, 30_000)).failure).toMatchObject({ code: 'USER_CODE', exitCode: 7 })
      expect((await log(id)).match(/hello/g)).toHaveLength(1)
    })
  })
})

const aGpu = (index: number): Gpu => ({ index, uuid: `GPU-${index}`, name: 'a GPU', memoryMegabytes: 1 })

/** A program of this name that counts its calls before it does what the real one does. */
async function countingCalls(folder: string, program: string) {
  const [bin, count] = [join(folder, 'bin'), join(folder, 'calls')]
  await mkdir(bin, { recursive: true })
  const real = `PATH=\${PATH#*${delimiter}} exec ${program} "$@"`
  await writeFile(join(bin, program), `#!/bin/sh\nprintf . >>'${count}'\n${real}\n`)
  await chmod(join(bin, program), 0o755)
  return {
    path: `${bin}${delimiter}${process.env.PATH}`,
    calls: async () => (await stat(count).catch(() => undefined))?.size ?? 0,
  }
}

const aSlurmJob = { id: '12', name: 'ymir-job-x', comment: 'y', nodes: 'node[3-4]', reason: 'None' }

test.each([
  ['COMPLETED', 0, { how: 'exited', exitCode: 0, outOfMemory: false }],
  ['FAILED', 9, { how: 'exited', exitCode: 9, outOfMemory: false }],
  // it ended well before Slurm got at it
  ['TIMEOUT', 0, { how: 'exited', exitCode: 0, outOfMemory: false }],
  // the wrapper notes what Slurm's SIGTERM made of the image
  [
    'TIMEOUT',
    143,
    { how: 'lost', why: expect.stringContaining('its time limit in Slurm was exceeded (TIMEOUT)') },
  ],
  ['OUT_OF_MEMORY', 137, { how: 'exited', exitCode: 137, outOfMemory: true }],
  ['OUT_OF_MEMORY', undefined, { how: 'exited', exitCode: 137, outOfMemory: true }],
  ['FAILED', undefined, { how: 'lost', why: expect.stringContaining('without an exit code (FAILED)') }],
])('a job that Slurm calls %s, with exit code %s, is told as such', (state, exitCode, ending) => {
  expect(endingOf(exitCode, { ...aSlurmJob, state })).toEqual(ending)
})

test('a job that Slurm has forgotten is known by its exit code, or lost', () => {
  expect(endingOf(5, undefined)).toEqual({ how: 'exited', exitCode: 5, outOfMemory: false })
  expect(endingOf(undefined, undefined)).toMatchObject({ how: 'lost' })
})

test('of squeue’s answer, lines are read and nonsense is passed over', () => {
  expect(
    parseJobs('7|PENDING|ymir-job-a|one||Resources\n8|RUNNING|x|(null)|n1|a|b\nslurm_load_jobs: what?\n'),
  ).toEqual([
    { id: '7', state: 'PENDING', name: 'ymir-job-a', comment: 'one', nodes: '', reason: 'Resources' },
    { id: '8', state: 'RUNNING', name: 'x', comment: '(null)', nodes: 'n1', reason: 'a|b' },
  ])
})
