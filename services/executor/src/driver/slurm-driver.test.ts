import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { waitUntil } from '@ymir/service'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { jobFolders } from '../contract/layout.ts'
import { aPlatform, aTraining, sampleImage, type Platform } from '../testing/platform.ts'
import { startSlurm, type TestSlurm } from '../testing/slurm.ts'
import { nameOf } from './driver.ts'
import { testConformance } from './driver-conformance.ts'
import { SlurmDriver } from './slurm-driver.ts'

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
      const job = { jobId: id, folders: foldersOf(id) }
      await waitUntil('nothing to run', async () => (await platform.drivers.slurm.adopt(job)) === 'ended', {
        timeoutMs: 30_000,
      })
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
