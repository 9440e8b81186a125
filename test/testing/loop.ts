import { waitUntil } from '@ymir/service'
import type { ApiClient } from './client.ts'
import { pictures, vocArchive } from './shapes.ts'

/** Enough to learn something in seconds. */
export const trainingParameters = {
  ...{ network: 'tiny', steps: 60, batch_size: 4, input_size: 64, evaluate_every: 20 },
  ...{ learning_rate: 0.006, warmup_steps: 5, threads: 1 },
}

export async function createProject(client: ApiClient, name: string, classes = ['disc', 'square']) {
  const query = `mutation ($input: CreateProjectInput!) { createProject(input: $input) { project { id } } }`
  const { createProject: made } = await client.ask<{ createProject: { project: { id: string } } }>(query, {
    input: { name, classes },
  })
  return made.project.id
}

export interface Version {
  readonly id: string
  readonly assetCount: number
  readonly annotationCount: number
  readonly labels: readonly { readonly label: string }[]
}

export interface Imported {
  readonly id: string
  readonly state: string
  readonly problem: string | null
  readonly report: {
    readonly problems: readonly { file: string; line: number | null; outcome: string; remedy: string }[]
    readonly unknownLabels: readonly string[]
    readonly duplicateCount: number
  } | null
  readonly version: Version | null
}

export interface ImportChoice {
  readonly projectId: string
  readonly name: string
  readonly annotations?: 'TAKE' | 'IGNORE'
  readonly unknownLabels?: 'STOP' | 'IGNORE' | 'ADD'
  readonly badItems?: 'STOP' | 'SKIP'
}

/** Uploads an archive, imports it and waits for the import's end, whatever it is. */
export async function importArchive(
  client: ApiClient,
  archive: Buffer,
  choice: ImportChoice,
): Promise<Imported> {
  const uploadId = await client.upload(archive, `${choice.name}.zip`)
  const mutation = `mutation ($input: ImportDatasetInput!) { importDataset(input: $input) { import { id } } }`
  const { importDataset } = await client.ask<{ importDataset: { import: { id: string } } }>(mutation, {
    input: { ...choice, uploadId },
  })
  const progress = client.follow(
    `subscription ($id: ID!, $after: String) {
      importProgress(importId: $id, after: $after) { cursor state progress }
    }`,
    importDataset.import,
  )
  await progress.toItsEnd()
  progress.stop()
  const query = `query ($id: ID!) {
    import(id: $id) {
      id state problem
      report { problems { file line outcome remedy } unknownLabels duplicateCount }
      version { id assetCount annotationCount labels { label } }
    }
  }`
  return (await client.ask<{ import: Imported }>(query, importDataset.import)).import
}

/** What the loop begins with. */
export interface Start {
  readonly projectId: string
  readonly train: Version
  readonly test: Version
  readonly pool: Version
  /** The pool with its ground truth. */
  readonly truth: Version
  readonly executorImageId: string
  readonly automaticLabellerId: string
}

/** A project with a training set of 4 pictures, a test set of 3 and a pool of 5, whose truth a labeller knows. */
export async function aStart(client: ApiClient, name: string): Promise<Start> {
  const projectId = await createProject(client, name)
  const [trainSet, testSet, poolSet] = [await pictures(4, 1), await pictures(3, 2), await pictures(5, 3)]
  const take = async (archive: Buffer, choice: Omit<ImportChoice, 'projectId'>) => {
    const { version, problem } = await importArchive(client, archive, { projectId, ...choice })
    if (!version) throw new Error(`${choice.name} was not imported: ${problem}`)
    return version
  }
  const train = await take(vocArchive(trainSet), { name: 'train' })
  const test = await take(vocArchive(testSet), { name: 'test' })
  const pool = await take(vocArchive(poolSet), { name: 'pool', annotations: 'IGNORE' })
  const truth = await take(vocArchive(poolSet), { name: 'truth' })
  const automaticLabellerId = await createAutomaticLabeller(client, projectId, truth.id)
  const executorImageId = await executorImage(client, 'onnx-detector')
  return { projectId, train, test, pool, truth, executorImageId, automaticLabellerId }
}

async function createAutomaticLabeller(client: ApiClient, projectId: string, versionId: string) {
  const mutation = `mutation ($input: CreateAutomaticLabellerInput!) {
    createAutomaticLabeller(input: $input) { automaticLabeller { id } }
  }`
  const { createAutomaticLabeller: made } = await client.ask<{
    createAutomaticLabeller: { automaticLabeller: { id: string } }
  }>(mutation, { input: { projectId, name: 'knows the answers', versionId } })
  return made.automaticLabeller.id
}

async function executorImage(client: ApiClient, name: string): Promise<string> {
  const { executorImages } = await client.ask<{ executorImages: { id: string; name: string }[] }>(
    '{ executorImages { id name } }',
  )
  const found = executorImages.find((one) => one.name === name)
  if (!found) throw new Error(`there is no executor image ${name}`)
  return found.id
}

/** Asks for a training; returns at once. */
export async function trainModel(client: ApiClient, input: object): Promise<{ id: string; jobId: string }> {
  const mutation = `mutation ($input: TrainModelInput!) { trainModel(input: $input) { model { id jobId } } }`
  const { trainModel: made } = await client.ask<{ trainModel: { model: { id: string; jobId: string } } }>(
    mutation,
    { input },
  )
  return made.model
}

/** The first training of the loop; returns at once. */
export function trainFirst(client: ApiClient, start: Start) {
  const { projectId, train, test, executorImageId } = start
  return trainModel(client, {
    ...{ projectId, name: 'first', executorImageId, parameters: trainingParameters },
    ...{ trainingVersionId: train.id, testVersionId: test.id },
  })
}

export interface Model {
  readonly state: string
  readonly problem: string | null
  readonly map50: number | null
  readonly packageUrl: string | null
  readonly bestStage: { readonly id: string; readonly name: string } | null
}

export async function readModel(client: ApiClient, id: string): Promise<Model> {
  const query = `query ($id: ID!) { model(id: $id) { state problem map50 packageUrl bestStage { id name } } }`
  return (await client.ask<{ model: Model }>(query, { id })).model
}

/** Waits until the model is trained and evaluated. */
export function whenModelEnded(client: ApiClient, id: string): Promise<Model> {
  return waitUntil(
    `model ${id} to be READY or FAILED`,
    async () => {
      const model = await readModel(client, id)
      return (model.state === 'READY' || model.state === 'FAILED') && model
    },
    { timeoutMs: 90_000, everyMs: 200 },
  )
}

/** Begins a round; from the second on, nothing need be chosen. */
export async function startIteration(client: ApiClient, projectId: string, choice: object = {}) {
  const mutation = `mutation ($input: StartIterationInput!) {
    startIteration(input: $input) { iteration { id } }
  }`
  const { startIteration: made } = await client.ask<{ startIteration: { iteration: { id: string } } }>(
    mutation,
    { input: { projectId, ...choice } },
  )
  return made.iteration.id
}

/** What the first round is told: mine 2 with the first model, label with the automatic labeller. */
export function firstRound(start: Start, startModelId: string) {
  const { train, test, pool, executorImageId, automaticLabellerId } = start
  return {
    ...{ miningVersionId: pool.id, trainingVersionId: train.id, testVersionId: test.id, startModelId },
    ...{ executorImageId, automaticLabellerId, trainingParameters, topK: 2 },
  }
}

export interface Iteration {
  readonly state: string
  readonly steps: readonly {
    readonly name: string
    readonly state: string
    readonly problem: string | null
    readonly assetCount: number | null
    readonly version: { readonly id: string } | null
    readonly model: { readonly id: string } | null
  }[]
}

/** Waits until a round has succeeded, or failed. */
export function whenIterationEnded(client: ApiClient, id: string): Promise<Iteration> {
  const query = `query ($id: ID!) {
    iteration(id: $id) { state steps { name state problem assetCount version { id } model { id } } }
  }`
  return waitUntil(
    `iteration ${id} to end`,
    async () => {
      const { iteration } = await client.ask<{ iteration: Iteration }>(query, { id })
      return (iteration.state === 'SUCCEEDED' || iteration.state === 'FAILED') && iteration
    },
    { timeoutMs: 120_000, everyMs: 250 },
  )
}

/** Begins rounds that run by themselves; returns the plan with its first round. */
export async function startPlan(client: ApiClient, projectId: string, choice: object) {
  const mutation = `mutation ($input: StartPlanInput!) { startPlan(input: $input) { plan { id iterations { id } } } }`
  const { startPlan: made } = await client.ask<{
    startPlan: { plan: { id: string; iterations: [{ id: string }] } }
  }>(mutation, { input: { projectId, ...choice } })
  const { id, iterations } = made.plan
  return { id, iterationId: iterations[0].id }
}

/** Waits until a plan was stopped by its rule, or failed. */
export function whenPlanEnded(client: ApiClient, id: string) {
  const query = `query ($id: ID!) { plan(id: $id) { state cause reason rounds { round } } }`
  return waitUntil(
    `plan ${id} to end`,
    async () => {
      const { plan } = await client.ask<{
        plan: { state: string; cause: string | null; reason: string | null; rounds: { round: number }[] }
      }>(query, { id })
      return (plan.state === 'STOPPED' || plan.state === 'FAILED') && plan
    },
    { timeoutMs: 120_000, everyMs: 250 },
  )
}

/** Ids of the assets of a version, sorted. */
export async function assetsOf(client: ApiClient, versionId: string): Promise<string[]> {
  const query = `query ($id: ID!) {
    datasetVersion(id: $id) { assets(first: 500) { edges { node { id } } } }
  }`
  const { datasetVersion } = await client.ask<{
    datasetVersion: { assets: { edges: { node: { id: string } }[] } }
  }>(query, { id: versionId })
  return datasetVersion.assets.edges.map(({ node }) => node.id).sort()
}
