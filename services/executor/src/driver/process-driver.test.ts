import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { waitUntil } from '@ymir/service'
import { describe, expect, test } from 'vitest'
import { jobFolders } from '../contract/layout.ts'
import { JobLog } from '../log/job-log.ts'
import { Mask } from '../secret/mask.ts'
import { sampleImage } from '../testing/platform.ts'
import { testConformance } from './driver-conformance.ts'
import { ProcessDriver } from './process-driver.ts'
import { groupOf } from './process-group.ts'

describe('as a process of this machine', { timeout: 60_000 }, () => {
  testConformance(() => ({
    newDriver: () => new ProcessDriver(),
    image: { reference: sampleImage, digest: null },
    lose: async ({ folders }) => {
      process.kill(-Number(await readFile(join(folders.root, 'pid'), 'utf8')), 'SIGKILL')
    },
  }))
})

const onLinux = process.platform === 'linux'

test.skipIf(!onLinux)(
  'a process is known to be of a job, also one that has left its process group',
  async () => {
    const home = await mkdtemp(join(tmpdir(), 'ymir-process-'))
    const image = join(home, 'image')
    const folders = jobFolders(home, 'job')
    for (const folder of [image, folders.input, folders.output]) await mkdir(folder, { recursive: true })
    const script =
      'setsid sleep 60 &\necho $! > "$YMIR_OUT/apart"\nsleep 60 &\necho $! > "$YMIR_OUT/inside"\nwait\n'
    await writeFile(join(image, 'start.sh'), script)
    const driver = new ProcessDriver()
    const job = { jobId: 'job', folders, log: new JobLog(folders.log, () => new Mask([])) }
    const pidIn = async (name: string) => Number(await readFile(join(folders.output, name), 'utf8'))
    await driver.start({
      ...job,
      image: { reference: image, digest: null },
      gpus: [],
      sharedMemoryBytes: 0,
      timeSeconds: 60,
    })
    try {
      await waitUntil('both to be there', async () => {
        const inside = await pidIn('inside')
        const groups = [groupOf(await pidIn('apart')), groupOf(inside)]
        return groups.every(Boolean) && groups[0] !== groups[1]
      })
      expect(await driver.owns(job, await pidIn('inside'))).toBe(true)
      expect(await driver.owns(job, await pidIn('apart'))).toBe(true)
      expect(await driver.owns(job, process.pid)).toBe(false)
      const inside = await pidIn('inside')
      await driver.stop(job, 0)
      await waitUntil(
        'nothing to be said of what is gone',
        async () => (await driver.owns(job, inside)) === undefined,
      )
    } finally {
      await driver.stop(job, 0)
      process.kill(await pidIn('apart'), 'SIGKILL')
      await job.log.close()
      await rm(home, { recursive: true, force: true })
    }
  },
)
