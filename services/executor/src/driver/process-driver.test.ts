import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe } from 'vitest'
import { sampleImage } from '../testing/platform.ts'
import { testConformance } from './driver-conformance.ts'
import { ProcessDriver } from './process-driver.ts'

describe('as a process of this machine', { timeout: 60_000 }, () => {
  testConformance(() => ({
    newDriver: () => new ProcessDriver(),
    image: { reference: sampleImage, digest: null },
    lose: async ({ folders }) => {
      process.kill(-Number(await readFile(join(folders.root, 'pid'), 'utf8')), 'SIGKILL')
    },
  }))
})
