import { sampleImage, startSlurm, type TestSlurm } from '@ymir/executor/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Jobs, registerImage, untilReleased } from './testing/jobs.ts'
import { aPlatform, type TestPlatform } from './testing/platform.ts'

const found = await startSlurm()
if ('reason' in found) console.log(`jobs on Slurm, through the gateway, are skipped: ${found.reason}`)

describe.skipIf('reason' in found)('through the gateway, on a Slurm cluster', { timeout: 90_000 }, () => {
  const slurm = found as TestSlurm // skipped otherwise
  let ymir: TestPlatform
  let jobs: Jobs
  beforeAll(async () => {
    const fast = { YMIR_SLURM_POLL_SECONDS: '0.2', YMIR_SLURM_FILE_DELAY_SECONDS: '0.3' }
    ymir = await aPlatform({ ...slurm.environment, ...fast })
    const { client, home } = ymir
    const image = { name: 'on the cluster', driver: 'slurm', reference: sampleImage }
    const { id: executorImageId, state } = await registerImage(client, image)
    expect(state).toBe('READY')
    jobs = await Jobs.inProject(client, { home, name: 'shapes', executorImageId })
  }, 120_000)
  afterAll(async () => {
    await ymir?.stop()
    await slurm.stop()
  }, 60_000)

  /** What Slurm has of the cluster's jobs that are not over. */
  const queued = () => slurm.command('squeue', '--noheader', '--format=%T').split('\n').filter(Boolean)

  test('a training runs as a job of Slurm, its progress is followed, and its log is there', async () => {
    const jobId = await jobs.run(`echo "Slurm's job $SLURM_JOB_ID"; monitor 0.5 2; ${untilReleased}`)
    const progress = jobs.progress(jobId)
    await progress.until('half of it', (seen) => seen.at(-1)?.progress === 0.5)
    expect(queued()).toEqual(['RUNNING'])
    await jobs.release(jobId)
    expect((await progress.toItsEnd()).at(-1)).toMatchObject({ state: 'SUCCEEDED', progress: 1 })
    progress.stop()
    expect(await jobs.logOf(jobId)).toMatch(/^Slurm's job \d+$/m)
  })

  test('a job that is cancelled is over within five seconds, in Slurm too', async () => {
    const { jobId } = await jobs.train({ behave: 'forever' })
    await jobs.reaches(jobId, 'RUNNING')
    const asked = Date.now()
    await jobs.cancel(jobId)
    expect(Date.now() - asked).toBeLessThan(5_000)
    expect(await jobs.ended(jobId)).toMatchObject({ state: 'CANCELLED', failure: null })
    await expect.poll(queued).toEqual([])
  })
})
