import { randomUUID } from 'node:crypto'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { aModel, startTestPlatform, type TestPlatform } from '../testing/platform.ts'

let platform: TestPlatform
let stageId: string
beforeAll(async () => {
  platform = await startTestPlatform()
  stageId = (await aModel(platform)).stageId
})
afterAll(() => platform.stop())

const inferPhotos = /* GraphQL */ `
  mutation ($input: InferPhotosInput!) {
    inferPhotos(input: $input) {
      inference {
        id
        jobId
        state
      }
    }
  }
`
const inferenceQuery = /* GraphQL */ `
  query ($id: ID!, $threshold: Float) {
    inference(id: $id) {
      state
      problem
      photos {
        name
        width
        height
        predictions(threshold: $threshold) {
          label
          score
        }
      }
    }
  }
`

const aPhoto = (width: number) =>
  sharp({ create: { width, height: 20, channels: 3, background: 'red' } })
    .jpeg()
    .toBuffer()

/** Asks for an inference on photos. @returns it and its job */
async function begun(...photos: Buffer[]) {
  const annotator = platform.someone('ANNOTATOR')
  const uploadIds = []
  for (const [index, bytes] of photos.entries())
    uploadIds.push(await platform.anUpload(annotator.userId, bytes, `${index}.jpg`))
  const { data } = await platform.ask(annotator, inferPhotos, { input: { stageId, uploadIds } })
  const { id, jobId } = data.inferPhotos.inference as { id: string; jobId: string }
  const job = await platform.jobFor('that infers', (one) => one.jobId === jobId)
  return { id, job }
}

const see = async (id: string, threshold?: number) => {
  const { data } = await platform.ask(platform.someone('VIEWER'), inferenceQuery, { id, threshold })
  return data.inference
}

const box = { x: 1, y: 1, width: 5, height: 5 }
const ended = async (id: string) => expect.poll(async () => (await see(id)).state).not.toBe('RUNNING')

test('photos are sent through a stage; what was found is shown from a threshold on, most certain first', async () => {
  const { id, job } = await begun(await aPhoto(30), await aPhoto(40))
  expect(job).toMatchObject({ kinds: ['INFERENCE'], stageName: 'step_2', priority: 10 })
  expect((await see(id)).photos).toMatchObject([{ width: 30, predictions: [] }, { width: 40 }])
  const [first] = job.candidateImages
  const found = [0.04, 0.95, 0.3, 0.29].map((score) => ({ label: 'brick', score, box }))
  const result = await platform.predictions([{ assetId: first!.sha256, annotations: found }])
  await platform.jobIs(job, { to: 'SUCCEEDED', result })
  await ended(id)

  const scores = async (threshold?: number) => {
    const { photos } = await see(id, threshold)
    return photos.map(({ predictions }: { predictions: { score: number }[] }) =>
      predictions.map(({ score }) => score),
    )
  }
  expect(await scores()).toEqual([[0.95, 0.3], []])
  expect(await scores(0)).toEqual([[0.95, 0.3, 0.29, 0.04], []])
  expect(await scores(0.95)).toEqual([[0.95], []])
  expect(await scores(1)).toEqual([[], []])
})

test('an inference that failed says why; one without predictions has failed', async () => {
  const [failed, empty] = [await begun(await aPhoto(31)), await begun(await aPhoto(32))]
  await platform.jobIs(failed.job, { to: 'FAILED', failure: { message: 'it broke.', advice: 'Mend it.' } })
  await platform.jobIs(empty.job, { to: 'SUCCEEDED' })
  await ended(failed.id)
  await ended(empty.id)

  expect(await see(failed.id)).toMatchObject({ state: 'FAILED', problem: 'it broke. Mend it.' })
  expect(await see(empty.id)).toMatchObject({
    ...{ state: 'FAILED', problem: 'the job gave no predictions: its image does not infer' },
  })
})

test('an end heard twice changes nothing', async () => {
  const { id, job } = await begun(await aPhoto(33))
  await platform.jobIs(job, { to: 'SUCCEEDED', result: await platform.predictions([]) })
  await platform.jobIs(job, { to: 'FAILED' })
  const other = await begun(await aPhoto(34))
  await platform.jobIs(other.job, { to: 'CANCELLED' })
  await ended(other.id) // heard after the others

  expect(await see(id)).toMatchObject({ state: 'SUCCEEDED', problem: null })
  expect(await see(other.id)).toMatchObject({ state: 'FAILED', problem: 'the job was cancelled' })
})

test('what is no photo, or somebody else’s, is refused', async () => {
  const annotator = platform.someone('ANNOTATOR')
  const photo = await aPhoto(35)
  const text = await platform.anUpload(annotator.userId, Buffer.from('no image'))
  const others = await platform.anUpload(randomUUID(), photo)
  const infer = (uploadIds: string[]) =>
    platform.ask(annotator, inferPhotos, { input: { stageId, uploadIds } })

  expect(await infer([text])).toMatchObject({ code: 'BAD_IMAGE' })
  expect(await infer([others])).toMatchObject({ code: 'NOT_FOUND' })
  expect(await infer(['../secrets'])).toMatchObject({ code: 'BAD_USER_INPUT' })
  expect(await infer([])).toMatchObject({ code: 'BAD_USER_INPUT' })
})

test('annotators infer, viewers look, others see nothing', async () => {
  const viewer = platform.someone('VIEWER')
  const uploadIds = [await platform.anUpload(viewer.userId, await aPhoto(36))]
  const { id } = await begun(await aPhoto(37))

  const input = { stageId, uploadIds }
  expect(await platform.ask(viewer, inferPhotos, { input })).toMatchObject({ code: 'FORBIDDEN' })
  expect(await platform.ask(platform.stranger(), inferPhotos, { input })).toMatchObject({ code: 'NOT_FOUND' })
  const stranger = await platform.ask(platform.stranger(), inferenceQuery, { id })
  expect(stranger.data.inference).toBeNull()
  expect((await platform.ask(viewer, inferenceQuery, { id: 'x' })).data.inference).toBeNull()
})

test('photos of inferences are held, which services may ask and people may not', async () => {
  await begun(await aPhoto(23))
  const [{ sha256 }]: [{ sha256: string }] = await platform.database.query(
    `select photos->0->>'sha256' as sha256 from inference order by created_at desc limit 1`,
  )
  const query = 'query ($sha256s: [String!]!) { heldPhotos(sha256s: $sha256s) }'
  const variables = { sha256s: [sha256, 'f'.repeat(64)] }

  const answer = await platform.ask({ kind: 'service', name: 'dataset' }, query, variables)
  expect(answer.data.heldPhotos).toEqual([sha256])
  const person = await platform.ask(platform.someone('OWNER'), query, variables)
  expect(person.code).toBe('FORBIDDEN')
})
