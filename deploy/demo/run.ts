import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { start } from '../commands/start.ts'
import { paint, readableDuration } from '../commands/terminal.ts'
import { homeFolder } from '../home.ts'
import { readRunFile } from '../supervisor/run-file.ts'
import { UsageError } from '../usage-error.ts'
import { signedIn } from './account.ts'
import { augmentation, budgets, demoSets, generateBricks } from './bricks/index.ts'
import { ApiClient } from './client.ts'
import type { DemoOptions } from './options.ts'
import { ProgressLine } from './progress.ts'
import { roundsChart, roundsTable, type RoundFacts } from './report.ts'
import { followJob, followProject, importArchive, readModel, type VersionFacts } from './steps.ts'

interface Archives {
  readonly train: string
  readonly test: string
  readonly pool: string
}

/** Runs the loop and leaves the platform running. @throws UsageError with what went wrong */
export async function runDemo(options: DemoOptions): Promise<void> {
  const began = Date.now()
  const home = homeFolder()
  if ((await start([])) !== 0) throw new UsageError('the platform did not start')
  const gatewayUrl = readRunFile(home)?.gatewayUrl ?? ''
  const archives = options.archives ?? (await generated(home, options))
  const client = await signedIn(new ApiClient(gatewayUrl), home)

  console.log()
  const project = await makeProject(client, options)
  const sets = await importSets(client, project.id, archives)
  await client.ask(updateProject, { input: { id: project.id, classes: classesOf(sets) } })
  const executorImageId = await referenceImage(client)
  const labellerId = await makeLabeller(client, project.id, sets.truth.id)
  const budget = {
    ...budgets[options.quick ? 'quick' : 'full'],
    ...(options.archives ? {} : augmentation),
    ...options.parameters,
  }
  const model = await trainFirst(client, project.id, sets, executorImageId, budget)
  for (let round = 1; round <= options.rounds; round++) {
    const choice = {
      strategy: options.strategy,
      topK: options.mine,
      seed: options.seed,
      annotate: false,
    }
    const first = {
      ...{ miningVersionId: sets.pool.id, trainingVersionId: sets.train.id, testVersionId: sets.test.id },
      ...{
        startModelId: model,
        executorImageId,
        automaticLabellerId: labellerId,
        trainingParameters: budget,
        ...choice,
      },
    }
    await runRound(client, project.id, round, round === 1 ? first : {})
  }

  const rounds = await readRounds(client, project.id)
  const chart = join(home, 'demo', `${project.name.replace(/\W+/g, '-')}.svg`)
  console.log(`\n${roundsTable(rounds)}\n`)
  console.log(await gainOf(client, rounds))
  mkdirSync(dirname(chart), { recursive: true })
  writeFileSync(chart, roundsChart(rounds, project.name))
  console.log(`Done in ${readableDuration(Date.now() - began)}. Chart: ${chart}`)
  console.log(`The platform runs at ${paint.bold(gatewayUrl)}; stop it with: bash ymir.sh stop`)
  await client.close()
}

/** The brick photos, rendered once for each size and seed. */
async function generated(home: string, { quick, seed }: DemoOptions): Promise<Archives> {
  const size = quick ? 'quick' : 'full'
  const folder = join(home, 'demo', `bricks-${size}-${seed}`)
  mkdirSync(folder, { recursive: true })
  for (const set of Object.values(demoSets(size, seed))) {
    const file = join(folder, `${set.name}.zip`)
    if (existsSync(file)) continue
    const line = new ProgressLine(`render ${set.name}`)
    await generateBricks(set, `${file}.part`, {
      onPhoto: (done, total) => line.show(done / total, `${done} of ${total}`),
    })
    renameSync(`${file}.part`, file)
    line.end(`${set.images} photos`)
  }
  return { train: join(folder, 'train.zip'), test: join(folder, 'test.zip'), pool: join(folder, 'pool.zip') }
}

const createProject = /* GraphQL */ `
  mutation CreateProject($input: CreateProjectInput!) {
    createProject(input: $input) {
      project {
        id
        name
      }
    }
  }
`
const updateProject = /* GraphQL */ `
  mutation SetClasses($input: UpdateProjectInput!) {
    updateProject(input: $input) {
      project {
        id
      }
    }
  }
`

async function makeProject(
  client: ApiClient,
  { archives, seed }: DemoOptions,
): Promise<{ id: string; name: string }> {
  const time = new Date().toISOString().slice(0, 19).replace('T', ' ')
  const name = `${archives ? 'Demo' : `Bricks, seed ${seed}`}, ${time}`
  const input = { name, classes: [], description: 'Made by ymir.sh demo' }
  const { createProject: made } = await client.ask<{
    createProject: { project: { id: string; name: string } }
  }>(createProject, { input })
  return made.project
}

interface Sets {
  readonly train: VersionFacts
  readonly test: VersionFacts
  readonly pool: VersionFacts
  /** The pool with its ground truth: what the automatic labeller answers from. */
  readonly truth: VersionFacts
}

async function importSets(
  client: ApiClient,
  projectId: string,
  { train, test, pool }: Archives,
): Promise<Sets> {
  const take = (name: string, archive: string) =>
    importArchive(client, projectId, { name, archive, annotations: 'TAKE' })
  return {
    train: await take('train', train),
    test: await take('test', test),
    truth: await take('pool ground truth', pool),
    pool: await importArchive(client, projectId, { name: 'pool', archive: pool, annotations: 'IGNORE' }),
  }
}

function classesOf({ train, test, truth }: Sets): string[] {
  return [...new Set([train, test, truth].flatMap(({ labels }) => labels.map(({ label }) => label)))].sort()
}

async function referenceImage(client: ApiClient): Promise<string> {
  const query = '{ executorImages { id name kinds enabled } }'
  const { executorImages } = await client.ask<{
    executorImages: { id: string; name: string; kinds: string[]; enabled: boolean }[]
  }>(query)
  const image = executorImages.find((one) => one.enabled && one.name === 'onnx-detector')
  if (!image) throw new UsageError('the executor image onnx-detector is missing or disabled')
  return image.id
}

const createLabeller = /* GraphQL */ `
  mutation CreateLabeller($input: CreateAutomaticLabellerInput!) {
    createAutomaticLabeller(input: $input) {
      automaticLabeller {
        id
      }
    }
  }
`

async function makeLabeller(client: ApiClient, projectId: string, versionId: string): Promise<string> {
  const input = { projectId, name: 'knows the answers', versionId }
  const { createAutomaticLabeller } = await client.ask<{
    createAutomaticLabeller: { automaticLabeller: { id: string } }
  }>(createLabeller, { input })
  return createAutomaticLabeller.automaticLabeller.id
}

const trainModel = /* GraphQL */ `
  mutation Train($input: TrainModelInput!) {
    trainModel(input: $input) {
      model {
        id
        jobId
      }
    }
  }
`

async function trainFirst(
  client: ApiClient,
  projectId: string,
  sets: Sets,
  executorImageId: string,
  parameters: object,
) {
  const line = new ProgressLine(`train on ${sets.train.assetCount}`)
  const since = new Date()
  const input = {
    ...{ projectId, name: 'first', trainingVersionId: sets.train.id, testVersionId: sets.test.id },
    ...{ executorImageId, parameters },
  }
  const { trainModel: made } = await client.ask<{ trainModel: { model: { id: string; jobId: string } } }>(
    trainModel,
    { input },
  )
  const { id, jobId } = made.model
  await followJob(client, jobId, line)
  line.show(1, 'evaluating')
  await untilModelEnds(client, projectId, id, since)
  line.end(await mapOf(client, id))
  return id
}

async function untilModelEnds(
  client: ApiClient,
  projectId: string,
  modelId: string,
  since: Date,
): Promise<void> {
  for await (const { type, entityId, data } of followProject(client, projectId, since)) {
    if (type !== 'ymir.model.state_changed.v1' || entityId !== modelId) continue
    if (data.state === 'READY') return
    if (data.state === 'FAILED' || data.state === 'CANCELLED')
      throw new UsageError(`the training failed: ${String(data.problem)}`)
  }
}

async function mapOf(client: ApiClient, modelId: string): Promise<string> {
  const { map50 } = await readModel(client, modelId)
  return map50 === null ? '' : `mAP@0.5 ${paint.bold(`${(map50 * 100).toFixed(2)} %`)}`
}

const startIteration = /* GraphQL */ `
  mutation StartIteration($input: StartIterationInput!) {
    startIteration(input: $input) {
      iteration {
        id
      }
    }
  }
`
const stepQuery = /* GraphQL */ `
  query Steps($id: ID!) {
    iteration(id: $id) {
      steps {
        name
        assetCount
        miningTask {
          jobId
        }
        model {
          id
          jobId
        }
      }
    }
  }
`

interface Step {
  name: string
  assetCount: number | null
  miningTask: { jobId: string } | null
  model: { id: string; jobId: string } | null
}

/** Starts a round and shows its steps until it ends. */
async function runRound(client: ApiClient, projectId: string, round: number, choice: object): Promise<void> {
  const since = new Date()
  const { startIteration: made } = await client.ask<{ startIteration: { iteration: { id: string } } }>(
    startIteration,
    {
      input: { projectId, ...choice },
    },
  )
  const { id } = made.iteration
  const stepOf = async (name: string) => {
    const { iteration } = await client.ask<{ iteration: { steps: Step[] } }>(stepQuery, { id })
    return iteration.steps.find((step) => step.name === name)
  }
  let line: ProgressLine | undefined
  for await (const event of followProject(client, projectId, since)) {
    if (event.type !== 'ymir.iteration.step_changed.v1' || event.entityId !== id) continue
    const { step, state, problem } = event.data as { step: string; state: string; problem: string } // proto-events' contract
    if (state === 'RUNNING') {
      line = new ProgressLine(`round ${round}: ${step.toLowerCase()}`)
      void showJobOf(client, step, stepOf, line)
    }
    if (state === 'FAILED' || state === 'CANCELLED')
      throw new UsageError(`round ${round}, step ${step}: ${problem}`)
    if (state !== 'SUCCEEDED') continue
    line?.end(await outcomeOf(client, await stepOf(step)))
    if (step === 'TRAIN') return
  }
}

/** A step that runs a job has its bar filled by it; the step's own event tells its end, and its failure. */
async function showJobOf(
  client: ApiClient,
  name: string,
  stepOf: (name: string) => Promise<Step | undefined>,
  line: ProgressLine,
): Promise<void> {
  const jobOf = async () => {
    const step = await stepOf(name)
    return step?.miningTask?.jobId ?? step?.model?.jobId
  }
  if (name !== 'MINE' && name !== 'TRAIN') return
  const jobId = await jobOf().catch(() => undefined)
  if (jobId) await followJob(client, jobId, line).catch(() => undefined)
}

async function outcomeOf(client: ApiClient, step: Step | undefined): Promise<string> {
  if (step?.model) return mapOf(client, step.model.id)
  return step?.assetCount === null || step === undefined ? '' : `${step.assetCount} images`
}

const roundsQuery = /* GraphQL */ `
  query Rounds($id: ID!) {
    project(id: $id) {
      rounds {
        round
        trainingCount
        poolCount
        map50
        change
        model {
          evaluations {
            id
            interval {
              low
              high
            }
          }
        }
      }
    }
  }
`
const gainQuery = /* GraphQL */ `
  query Gain($from: ID!, $to: ID!) {
    evaluationGain(fromId: $from, toId: $to) {
      low
      high
    }
  }
`

interface Round extends RoundFacts {
  readonly evaluationId: string
}

/** Whether the last model is better than the first by more than the noise of the test set. */
async function gainOf(client: ApiClient, rounds: readonly Round[]): Promise<string> {
  const [first, last] = [rounds[0], rounds.at(-1)]
  if (!first || !last) return ''
  const variables = { from: first.evaluationId, to: last.evaluationId }
  const { evaluationGain } = await client.ask<{ evaluationGain: { low: number; high: number } | null }>(
    gainQuery,
    variables,
  )
  if (!evaluationGain) return ''
  const points = (share: number) => `${share < 0 ? '' : '+'}${(share * 100).toFixed(2)}`
  const gain = points((last.map50 ?? 0) - (first.map50 ?? 0))
  return `From round ${first.round} to round ${last.round}: ${gain} points; 95 % interval on this test set ${points(evaluationGain.low)} to ${points(evaluationGain.high)}.`
}

async function readRounds(client: ApiClient, id: string): Promise<Round[]> {
  interface Line extends Omit<RoundFacts, 'interval'> {
    model: { evaluations: { id: string; interval: RoundFacts['interval'] }[] }
  }
  const { project } = await client.ask<{ project: { rounds: Line[] } }>(roundsQuery, { id })
  return project.rounds.map(({ model, ...line }) => {
    const evaluation = model.evaluations.at(-1) // the one of its training
    return { ...line, interval: evaluation?.interval ?? null, evaluationId: evaluation?.id ?? '' }
  })
}
