import { randomUUID } from 'node:crypto'
import type { Handler } from '@ymir/bus'
import { decodeEvent, JobRequestedSchema } from '@ymir/proto-events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ExecutorImage } from '../image/image.entity.ts'
import { aPlatform, type Platform } from '../testing/platform.ts'
import { listen } from './job.events.ts'

let platform: Platform
beforeAll(async () => {
  platform = await aPlatform({ slots: 0 })
})
afterAll(() => platform?.close())

/** As another service asks for it. @returns the job's id */
async function request(event: object): Promise<string> {
  const jobId = randomUUID()
  const { projectId, bus, dispatcher, database } = platform
  let handler: Handler<typeof JobRequestedSchema> | undefined
  const hearing = {
    ...bus,
    // the executor hears requests for jobs and nothing else
    handle: (_: unknown, heard: unknown) => void (handler = heard as typeof handler),
  }
  listen(hearing, dispatcher)
  const wanted = { projectId, jobId, executorImageId: platform.image.id, kinds: ['TRAINING'], ...event }
  await database.transaction((manager) =>
    handler!(decodeEvent(JobRequestedSchema, wanted), {
      manager,
      eventId: randomUUID(),
      time: new Date(),
      afterCommit: () => {},
    }),
  )
  return jobId
}

test('a job on an image that is still being pulled is refused at once, and told to wait', async () => {
  const pulling = await platform.database.getRepository(ExecutorImage).save({
    ...platform.image,
    ...{ id: randomUUID(), name: 'pulled', state: 'PULLING' as const, kinds: [], digest: null },
  })
  const { state, failure } = await platform.job(await request({ executorImageId: pulling.id }))
  expect(state).toBe('FAILED')
  expect(failure).toMatchObject({
    code: 'IMAGE_MISSING',
    message: 'the executor image "pulled" is not READY: it is PULLING',
    advice: 'Wait until it was pulled, or choose another image.',
  })
})

test('a job that is asked for with a revision is noted with it', async () => {
  const job = await platform.job(await request({ imageDigest: 'registry/yolo@sha256:00' }))
  expect(job).toMatchObject({ state: 'QUEUED', imageDigest: 'registry/yolo@sha256:00' })
})
