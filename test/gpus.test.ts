import { recordedNvidiaSmi, sampleImage, type RecordedNvidiaSmi } from '@ymir/executor/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Jobs, registerImage, untilReleased } from './testing/jobs.ts'
import { aPlatform, type TestPlatform } from './testing/platform.ts'

const uuids = [
  'GPU-8f6d9a3e-4c1b-2d07-9e55-0b1a6c7d8e9f',
  'GPU-11aa22bb-33cc-44dd-55ee-66ff77008899',
] as const
const name = 'NVIDIA A100-SXM4-80GB'
const idle = uuids.map((uuid, index) => `${index}, ${uuid}, ${name}, 81920, 4, 0\n`).join('')
console.log('GPUs are those of recorded output: services/executor/src/queue/gpus.test.ts looks at real ones')

describe('with the recorded output of nvidia-smi for two GPUs', { timeout: 60_000 }, () => {
  let recorded: RecordedNvidiaSmi
  let ymir: TestPlatform
  let jobs: Jobs
  /** Computes on the second GPU. */
  const stranger = `${uuids[1]}, ${process.pid}, 512\n`

  beforeAll(async () => {
    recorded = await recordedNvidiaSmi()
    await recorded.prints(idle, stranger)
    ymir = await aPlatform({ PATH: recorded.path })
    const { client, home } = ymir
    const image = { name: 'sample', driver: 'process', reference: sampleImage }
    const { id: executorImageId } = await registerImage(client, image)
    jobs = await Jobs.inProject(client, { home, name: 'shapes', executorImageId })
  }, 120_000)
  afterAll(async () => {
    await ymir?.stop()
    await recorded.remove()
  }, 60_000)

  async function gpuSlots() {
    const query = `{ slots { id kind name busy busyWith { id } available inUseByOthers memoryMegabytes } }`
    const { slots } = await ymir.client.ask<{ slots: { kind: string }[] }>(query)
    return slots.filter(({ kind }) => kind === 'GPU')
  }

  test('the GPUs are listed with name and memory, and the one that a stranger computes on', async () => {
    const gpu = { kind: 'GPU', name, busy: false, busyWith: null, available: true, memoryMegabytes: 81920 }
    expect(await gpuSlots()).toEqual([
      { ...gpu, id: 'gpu:0', inUseByOthers: false },
      { ...gpu, id: 'gpu:1', inUseByOthers: true },
    ])
  })

  test('a job gets the free GPU, as its first; the next one waits until the stranger has left the other', async () => {
    const script = `grep '^gpu_' "$IN/config.yaml"; echo "visible $CUDA_VISIBLE_DEVICES"; ${untilReleased}; exit 1`
    const first = await jobs.run(script, {}, { gpuCount: 1 })
    await jobs.reaches(first, 'RUNNING')
    const second = await jobs.run(script, {}, { gpuCount: 1 })
    const queue = jobs.progress(second)
    await queue.until('the reason', (seen) =>
      seen.some(({ waitingFor }) => waitingFor === 'the GPU 1 is in use by another program'),
    )
    expect(await gpuSlots()).toMatchObject([
      { id: 'gpu:0', busy: true, busyWith: { id: first } },
      { id: 'gpu:1', busy: false, inUseByOthers: true },
    ])

    await recorded.prints(idle)
    await jobs.reaches(second, 'RUNNING')
    queue.stop()
    for (const [index, id] of [first, second].entries()) {
      await jobs.release(id)
      await jobs.ended(id)
      const log = await jobs.logOf(id)
      expect(log).toMatch(/^gpu_id: ['"]?0['"]?$/m)
      expect(log).toContain('gpu_count: 1\n')
      expect(log).toContain(`visible ${uuids[index]}\n`)
    }
  })
})
