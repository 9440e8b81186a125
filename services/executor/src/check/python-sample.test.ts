import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DockerDriver } from '../driver/docker-driver.ts'
import { startPodman, type TestEngine } from '../testing/podman.ts'
import { importPythonSample, whyNoPython } from '../testing/python-sample.ts'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkImage } from './check.ts'
import { type Finding } from './promises.ts'

const reason = whyNoPython()
const found = reason === undefined ? await startPodman() : { reason }
if ('reason' in found) console.log(`the Python sample in a container is skipped: ${found.reason}`)
const name = 'localhost/ymir-shapefinder:latest'

describe.skipIf('reason' in found)('the Python sample, written from the contract alone', () => {
  const engine = found as TestEngine // skipped otherwise
  let home: string
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'ymir-python-sample-'))
    await importPythonSample(engine, name)
  }, 180_000)
  afterAll(async () => {
    await engine.stop()
    await rm(home, { recursive: true, force: true })
  }, 60_000)

  test('trains, mines and infers in a container, keeps every promise, and learns', async () => {
    const limits = { memoryBytes: 2 ** 30, cpus: 2, processes: 256, openFiles: 4_096 }
    const findings: Finding[] = []
    const listener = { part: () => {}, line: () => {}, finding: (one: Finding) => void findings.push(one) }
    await checkImage(
      {
        ...{ reference: name, run: true, parameters: {}, gpus: [], home },
        driver: new DockerDriver({ DOCKER_HOST: engine.address }, limits),
        limits: { timeSeconds: 150, outputBytes: 2 ** 30, restarts: 0 },
      },
      listener,
      AbortSignal.timeout(280_000),
    )
    expect(findings.filter(({ verdict }) => verdict === 'broken')).toEqual([])
    const best = findings.find(({ found: text }) => text.includes('(best)'))?.found ?? ''
    expect(Number(/mAP ([\d.]+)/.exec(best)?.[1])).toBeGreaterThan(0.3)
  }, 300_000)
})
