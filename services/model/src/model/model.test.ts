import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { aModel, aTraining, startTestPlatform, type TestPlatform } from '../testing/platform.ts'

let platform: TestPlatform
beforeAll(async () => {
  platform = await startTestPlatform()
})
afterAll(() => platform.stop())

const trainModel = /* GraphQL */ `
  mutation ($input: TrainModelInput!) {
    trainModel(input: $input) {
      model {
        id
        jobId
        state
        classes
        parameters
      }
    }
  }
`
const anAsset = [{ assetId: 'a', annotations: [] }]

async function aRequest(changes: object = {}) {
  return {
    ...{ projectId: platform.projectId, name: `model ${randomUUID()}`, executorImageId: randomUUID() },
    trainingVersionId: await platform.aVersion(anAsset),
    testVersionId: await platform.aVersion(anAsset),
    ...changes,
  }
}

const train = (input: object, caller = platform.someone('EDITOR')) =>
  platform.ask(caller, trainModel, { input })

test('training by request: a model at once, and a job with its parts', async () => {
  const input = await aRequest({ classes: ['plate'], parameters: { steps: 7 } })
  const { data } = await train(input)

  const { model } = data.trainModel
  expect(model).toMatchObject({ state: 'TRAINING', classes: ['plate'], parameters: { steps: 7 } })
  const job = await platform.jobFor('of the model', ({ jobId }) => jobId === model.jobId)
  expect(job).toMatchObject({
    ...{ kinds: ['TRAINING'], classNames: ['plate'], trainingVersionId: input.trainingVersionId },
    ...{ validationVersionId: input.testVersionId, parametersJson: '{"steps":7}', stageName: '' },
  })
})

test('an image that is not shared is there for administrators only', async () => {
  const input = await aRequest({ executorImageId: platform.anUnsharedImage() })
  expect(await train(input)).toMatchObject({ code: 'NOT_FOUND' })
  const administrator = { ...platform.someone('EDITOR'), role: 'ADMINISTRATOR' as const }
  expect((await train(input, administrator)).data.trainModel.model.state).toBe('TRAINING')
})

test('a model is evaluated with the revision of the image that trained it', async () => {
  const testVersionId = await platform.aVersion(anAsset)
  const { job } = await aTraining(platform, { testVersionId })
  await platform.jobIs(job, { to: 'RUNNING', imageDigest: 'onnx@sha256:old' })
  await platform.jobIs(job, { to: 'SUCCEEDED', result: { bestStageName: 'step_2' } })
  const evaluation = await platform.jobFor('that infers', (one) => one.candidateVersionId === testVersionId)
  expect(evaluation.imageDigest).toBe('onnx@sha256:old')
})

test('training from a stage gives the job its files', async () => {
  const { stageId } = await aModel(platform)
  const { data } = await train(await aRequest({ startStageId: stageId }))

  const { jobId } = data.trainModel.model
  const job = await platform.jobFor('that resumes', (one) => one.jobId === jobId)
  expect(job).toMatchObject({ stageName: 'step_2', stageFiles: [{ name: 'model.onnx' }] })
})

test('a training is about parts of its project, with a name of its own, asked for by an editor', async () => {
  const input = await aRequest()
  const foreign = await platform.aVersion(anAsset, { of: randomUUID() })
  const empty = await platform.aVersion([])
  await train(input)

  expect(await train(input)).toMatchObject({ code: 'CONFLICT' }) // the name
  expect(await train(await aRequest({ trainingVersionId: foreign }))).toMatchObject({ code: 'NOT_FOUND' })
  expect(await train(await aRequest({ testVersionId: randomUUID() }))).toMatchObject({ code: 'NOT_FOUND' })
  expect(await train(await aRequest({ testVersionId: empty }))).toMatchObject({ code: 'BAD_USER_INPUT' })
  expect(await train(await aRequest({ startStageId: randomUUID() }))).toMatchObject({ code: 'NOT_FOUND' })
  expect(await train(await aRequest(), platform.someone('ANNOTATOR'))).toMatchObject({ code: 'FORBIDDEN' })
  expect(await train(await aRequest(), platform.stranger() as never)).toMatchObject({ code: 'FORBIDDEN' })
})

test('only members see a model, by any of its ids; what is no id is not there', async () => {
  const { modelId, stageId } = await aModel(platform)
  const query = /* GraphQL */ `
    query ($modelId: ID!, $stageId: ID!) {
      model(id: $modelId) {
        id
      }
      modelStage(id: $stageId) {
        id
      }
    }
  `
  const ids = { modelId, stageId }
  const nothing = { data: { model: null, modelStage: null }, code: undefined }

  const viewer = platform.someone('VIEWER')
  expect((await platform.ask(viewer, query, ids)).data).toEqual({
    ...{ model: { id: modelId }, modelStage: { id: stageId } },
  })
  expect(await platform.ask(platform.stranger(), query, ids)).toMatchObject(nothing)
  expect(await platform.ask(viewer, query, { modelId: 'x', stageId: 'y' })).toMatchObject(nothing)
})

test('models are listed with their evaluations, newest first, for members', async () => {
  const query = /* GraphQL */ `
    query ($representations: [_Any!]!) {
      _entities(representations: $representations) {
        ... on Project {
          models(first: 2) {
            edges {
              node {
                id
                evaluations {
                  map50
                }
              }
            }
          }
        }
      }
    }
  `
  const [older, newer] = [await aModel(platform), await aTraining(platform)]
  const representations = [{ __typename: 'Project', id: platform.projectId }]

  const { data } = await platform.ask(platform.someone('VIEWER'), query, { representations })
  expect(data._entities[0].models.edges.map(({ node }: { node: object }) => node)).toEqual([
    { id: newer.modelId, evaluations: [] },
    { id: older.modelId, evaluations: [{ map50: 1 }] },
  ])
  const refused = await platform.ask(platform.stranger(), query, { representations })
  expect(refused.code).toBe('FORBIDDEN')
})

test('a model is downloaded as a package by members only', async () => {
  const { modelId } = await aModel(platform)
  const path = `/files/models/${modelId}.tar.gz`

  const response = await platform.get(platform.someone('VIEWER'), path)
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe('application/gzip')
  expect((await response.arrayBuffer()).byteLength).toBeGreaterThan(100)
  expect((await platform.get(platform.stranger(), path)).status).toBe(404)
  expect((await platform.get(platform.someone('OWNER'), '/files/models/x.tar.gz')).status).toBe(404)
})

test('each file of a stage is downloaded alone, with ranges, by members only', async () => {
  const { modelId, stageId } = await aModel(platform)
  const viewer = platform.someone('VIEWER')
  const query = `query ($id: ID!) { modelStage(id: $id) { files { name size url } } }`
  const { data } = await platform.ask(viewer, query, { id: stageId })
  const [file] = data.modelStage.files

  const whole = await platform.get(viewer, file.url)
  expect(whole.status).toBe(200)
  const bytes = Buffer.from(await whole.arrayBuffer())
  expect(bytes.byteLength).toBe(file.size)
  expect(whole.headers.get('content-disposition')).toContain(file.name)
  expect(whole.headers.get('accept-ranges')).toBe('bytes')
  expect((await platform.get(platform.stranger(), file.url)).status).toBe(404)
  const other = await aModel(platform)
  for (const wrong of [
    `${file.url}x`,
    file.url.replace(modelId, other.modelId),
    file.url.replace(stageId, 'x'),
  ])
    expect((await platform.get(viewer, wrong)).status).toBe(404)
})

const workOfJob = /* GraphQL */ `
  query ($of: [_Any!]!) {
    _entities(representations: $of) {
      ... on Job {
        model {
          id
        }
        evaluation {
          stage {
            model {
              id
            }
          }
        }
        inference {
          id
        }
      }
    }
  }
`

test('a job tells what it is for, to those who may see it', async () => {
  const testVersionId = randomUUID()
  const { modelId, job } = await aTraining(platform, { testVersionId })
  await platform.jobIs(job, { to: 'SUCCEEDED', result: { bestStageName: 'step_2' } })
  const inference = await platform.jobFor('that infers', (one) => one.candidateVersionId === testVersionId)
  const of = [job, inference, { jobId: randomUUID() }].map(({ jobId }) => ({ __typename: 'Job', id: jobId }))
  const { data } = await platform.ask(platform.someone('VIEWER'), workOfJob, { of })
  const nothing = { model: null, evaluation: null, inference: null }
  expect(data._entities).toEqual([
    { ...nothing, model: { id: modelId } },
    { ...nothing, evaluation: { stage: { model: { id: modelId } } } },
    nothing,
  ])
  const strange = await platform.ask(platform.stranger(), workOfJob, { of })
  expect(strange.data._entities).toEqual([nothing, nothing, nothing])
})

test('the models of somebody are counted by day', async () => {
  const editor = platform.someone('EDITOR')
  const query = `query ($of: [_Any!]!) { _entities(representations: $of) { ... on User { modelsByDay { date count } } } }`
  const byDay = (caller = editor) =>
    platform.ask(caller, query, { of: [{ __typename: 'User', id: editor.userId }] })
  expect((await byDay()).data._entities).toEqual([{ modelsByDay: [] }])
  for (const _ of [1, 2]) await train(await aRequest(), editor)
  const [{ modelsByDay }] = (await byDay()).data._entities
  expect(modelsByDay).toEqual([{ date: expect.stringMatching(/^\d{4}-\d\d-\d\d$/), count: 2 }])
  expect(await byDay(platform.someone('OWNER'))).toMatchObject({ code: 'FORBIDDEN' })
})
