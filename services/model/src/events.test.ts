import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { aTraining, startTestPlatform, type TestPlatform } from './testing/platform.ts'

let platform: TestPlatform
beforeAll(async () => {
  platform = await startTestPlatform()
})
afterAll(() => platform.stop())

const modelQuery = /* GraphQL */ `
  query ($id: ID!) {
    model(id: $id) {
      name
      state
      problem
      classes
      parameters
      bestStage {
        name
      }
      startStage {
        name
      }
      stages {
        id
        name
        reportedMap
        best
        metrics
        savedAt
        files {
          name
          size
        }
      }
    }
  }
`
const see = async (id: string) => {
  const { data } = await platform.ask(platform.someone('VIEWER'), modelQuery, { id })
  return data.model
}
const stagesSaid = (modelId: string) =>
  platform.stages.flatMap((one) => (one.modelId === modelId ? [one.name] : []))

/** Once this is heard, so is all that was said before it. */
const heardAll = async () => platform.modelIs(await platform.requestTraining(), 'TRAINING')

test('a training that is asked for becomes a model and a job, once for its id', async () => {
  const modelId = await platform.requestTraining({ name: 'once', gpuCount: 1 })
  await platform.requestTraining({ modelId, name: 'once more' })
  await heardAll()

  expect(platform.statesOf(modelId)).toEqual(['TRAINING'])
  expect(await see(modelId)).toMatchObject({ name: 'once', classes: ['brick', 'plate'], stages: [] })
  const job = await platform.jobFor('with a GPU', ({ gpuCount }) => gpuCount === 1)
  expect(job).toMatchObject({ kinds: ['TRAINING'], classNames: ['brick', 'plate'], stageFiles: [] })
  expect(JSON.parse(job.parametersJson)).toEqual({ steps: 10 })
})

test('a name that is taken gets a number', async () => {
  const ids = []
  for (let count = 0; count < 3; count++) ids.push(await platform.requestTraining({ name: 'same' }))
  for (const id of ids) await platform.modelIs(id, 'TRAINING')

  const names = await Promise.all(ids.map(async (id) => (await see(id)).name as string))
  expect(names).toEqual(['same', 'same (2)', 'same (3)'])
})

test('saved stages become stages of the model, the best among them marked', async () => {
  const { modelId } = await aTraining(platform)
  await expect.poll(() => stagesSaid(modelId)).toEqual(['step_1', 'step_2'])

  const { stages } = await see(modelId)
  expect(stages).toMatchObject([
    { name: 'step_1', reportedMap: 0.4, best: false },
    {
      ...{ name: 'step_2', reportedMap: 0.6, best: true, metrics: { mAP: 0.6 } },
      ...{ files: [{ name: 'model.onnx' }], savedAt: '2023-11-14T22:13:20.000Z' },
    },
  ])
})

test('stages that were saved within one second stand in the order of their numbers', async () => {
  const { modelId, job } = await aTraining(platform)
  await platform.saved(job, { stageName: 'step_10' })
  await expect.poll(() => stagesSaid(modelId)).toHaveLength(3)

  const { stages } = await see(modelId)
  expect(stages.map(({ name }: { name: string }) => name)).toEqual(['step_1', 'step_2', 'step_10'])
})

test('a stage that is saved again is changed in place', async () => {
  const { modelId, job } = await aTraining(platform)
  await expect.poll(() => stagesSaid(modelId)).toHaveLength(2)
  const before = await see(modelId)
  await platform.saved(job, { stageName: 'step_2', best: true, metrics: { mAP: 0.7 }, bytes: 'better' })
  await platform.saved(job, { stageName: 'step_2', best: true, metrics: { mAP: 0.7 }, bytes: 'better' })
  await expect.poll(() => stagesSaid(modelId)).toHaveLength(4)

  const { stages } = await see(modelId)
  const [first, second] = before.stages
  expect(stages).toEqual([
    first,
    { ...second, reportedMap: 0.7, metrics: { mAP: 0.7 }, files: [{ name: 'model.onnx', size: 6 }] },
  ])
})

test('a training that succeeded is evaluated once, however often it is heard', async () => {
  const testVersionId = randomUUID()
  const { modelId, job } = await aTraining(platform, { testVersionId })
  const succeeded = { to: 'SUCCEEDED', result: { bestStageName: 'step_1' } }
  await platform.jobIs(job, { to: 'RUNNING' })
  await platform.jobIs(job, succeeded)
  await platform.jobIs(job, succeeded)
  await platform.jobIs(job, { to: 'FAILED' })
  await heardAll()

  expect(platform.statesOf(modelId)).toEqual(['TRAINING', 'EVALUATING'])
  expect(await see(modelId)).toMatchObject({ state: 'EVALUATING', bestStage: { name: 'step_1' } })
  const ofTestSet = platform.jobs.filter(({ candidateVersionId }) => candidateVersionId === testVersionId)
  expect(ofTestSet).toMatchObject([{ kinds: ['INFERENCE'], stageName: 'step_1', priority: 5 }])
})

test('a training that failed says why and keeps the stages that it had saved', async () => {
  const { modelId, job } = await aTraining(platform)
  const failure = { code: 'OUT_OF_MEMORY', message: 'it was killed.', advice: 'Take smaller batches.' }
  await platform.jobIs(job, { to: 'FAILED', failure })
  await platform.jobIs(job, { to: 'FAILED', failure })
  await heardAll()

  expect(platform.statesOf(modelId)).toEqual(['TRAINING', 'FAILED'])
  const model = await see(modelId)
  expect(model).toMatchObject({ state: 'FAILED', problem: 'it was killed. Take smaller batches.' })
  expect(model.stages).toHaveLength(2)
})

test('the next training starts from a stage of one that failed', async () => {
  const { modelId, job } = await aTraining(platform)
  await platform.jobIs(job, { to: 'FAILED' })
  await platform.modelIs(modelId, 'FAILED')
  const { stages } = await see(modelId)
  const next = await platform.requestTraining({ startStageId: stages[1].id })
  await platform.modelIs(next, 'TRAINING')

  expect(await see(next)).toMatchObject({ startStage: { name: 'step_2' } })
  const resumed = await platform.jobFor('that resumes', ({ stageName }) => stageName === 'step_2')
  expect(resumed.stageFiles).toMatchObject([{ name: 'model.onnx' }])
})

test('a training whose job is tried again goes on with what the new job saves and was told', async () => {
  const { modelId, job } = await aTraining(platform)
  await platform.jobIs(job, { to: 'FAILED' })
  const again = await platform.retried(job, { steps: 5 })
  await platform.saved(again as never, { stageName: 'step_3', best: true })
  await platform.jobIs(job, { to: 'CANCELLED' }) // nobody waits for the old one
  await platform.jobIs(again, { to: 'SUCCEEDED', result: { bestStageName: 'step_3' } })
  await platform.modelIs(modelId, 'EVALUATING')

  expect(platform.statesOf(modelId)).toEqual(['TRAINING', 'FAILED', 'TRAINING', 'EVALUATING'])
  expect(await see(modelId)).toMatchObject({
    ...{ problem: null, parameters: { steps: 5 }, bestStage: { name: 'step_3' } },
    stages: [{ name: 'step_1' }, { name: 'step_2' }, { name: 'step_3' }],
  })
})

test('a training that waits for an evaluation goes on when the job of that is tried again', async () => {
  const testVersionId = randomUUID()
  const { modelId, job } = await aTraining(platform, { testVersionId })
  await platform.jobIs(job, { to: 'SUCCEEDED', result: { bestStageName: 'step_1' } })
  const evaluation = await platform.jobFor(
    'on the test set',
    (one) => one.candidateVersionId === testVersionId,
  )
  await platform.jobIs(evaluation, { to: 'FAILED' })
  await platform.modelIs(modelId, 'FAILED')
  await platform.retried(evaluation)
  await expect
    .poll(() => platform.statesOf(modelId))
    .toEqual(['TRAINING', 'EVALUATING', 'FAILED', 'EVALUATING'])
})

test('a training that was cancelled is cancelled', async () => {
  const { modelId, job } = await aTraining(platform)
  await platform.jobIs(job, { to: 'CANCELLED' })

  expect(await platform.modelIs(modelId, 'CANCELLED')).toMatchObject({
    problem: 'the training was cancelled',
  })
})

test('a training without a stage to show fails', async () => {
  const { modelId, job } = await aTraining(platform)
  await platform.jobIs(job, { to: 'SUCCEEDED', result: {} })

  expect((await platform.modelIs(modelId, 'FAILED')).problem).toMatch(/^the training gave no stage/)
})

test('a training that cannot begin fails with the reason, and the next one is heard', async () => {
  const startStageId = randomUUID()
  const noStage = await platform.requestTraining({ startStageId })
  const noProject = await platform.requestTraining({ projectId: randomUUID() })

  expect(await platform.modelIs(noStage, 'FAILED')).toMatchObject({
    problem: `there is no model stage ${startStageId}`,
  })
  expect((await platform.modelIs(noProject, 'FAILED')).problem).toMatch(/^there is no project/)
  await heardAll()
})

test('jobs of others are none of its business', async () => {
  await platform.saved({ jobId: randomUUID() } as never, { stageName: 'stranger' })
  await platform.jobIs({ jobId: randomUUID() }, { to: 'SUCCEEDED', result: { bestStageName: 'stranger' } })
  await heardAll()

  expect(platform.stages.some(({ name }) => name === 'stranger')).toBe(false)
})
