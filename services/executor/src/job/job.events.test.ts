import { randomUUID } from 'node:crypto'
import { create } from '@bufbuild/protobuf'
import type { Handler } from '@ymir/bus'
import { JobRequestedSchema } from '@ymir/proto-events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { aPlatform, type Platform } from '../testing/platform.ts'
import { listen } from './job.events.ts'

let platform: Platform
let hear: Handler<typeof JobRequestedSchema>
beforeAll(async () => {
  platform = await aPlatform({
    gpus: [{ index: 0, uuid: 'GPU-1', name: 'NVIDIA A100', memoryMegabytes: 40_960 }],
  })
  const handle = (_: unknown, handler: unknown) => (hear = handler as typeof hear) // it handles one event only
  listen({ emit: platform.bus.emit, handle }, platform.dispatcher)
})
afterAll(() => platform.close())

test.each([
  [-1, 'the job asks for -1 GPUs', 'Ask for 0 GPUs, which runs on the CPU, or more.'],
  [2, 'the job asks for 2 GPUs, this machine has 1', 'Ask for fewer GPUs; 0 runs on the CPU.'],
  [
    2 ** 31 - 1,
    'the job asks for 2147483647 GPUs, this machine has 1',
    'Ask for fewer GPUs; 0 runs on the CPU.',
  ],
])('a job for %i GPUs is refused at once, with the reason', async (gpuCount, message, advice) => {
  const jobId = randomUUID()
  const event = create(JobRequestedSchema, {
    projectId: platform.projectId,
    jobId,
    executorImageId: platform.image.id,
    kinds: ['TRAINING'],
    gpuCount,
  })
  const occurrence = { manager: platform.database.manager, afterCommit: () => {} }
  await hear(event, occurrence as unknown as Parameters<typeof hear>[1]) // what else an occurrence has is not looked at
  expect(await platform.job(jobId)).toMatchObject({
    state: 'FAILED',
    failure: { code: 'BAD_CONFIGURATION', message, advice },
  })
})
