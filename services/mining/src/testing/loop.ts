import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openBlobs, writeJsonLines, type Blobs } from '@ymir/blobs'
import { busMigrations, openBus, type Bus } from '@ymir/bus'
import { openTestDatabase } from '@ymir/database'
import type { GraphClient } from '@ymir/graphql'
import {
  DatasetVersionCreatedSchema,
  DatasetVersionRequestedSchema,
  JobRequestedSchema,
  JobRetriedSchema,
  JobStateChangedSchema,
  LabellingTaskRequestedSchema,
  LabellingTaskStateChangedSchema,
  ModelStateChangedSchema,
  TrainingRequestedSchema,
  type DatasetVersionRequested,
  type EventSchema,
  type JobRequested,
  type LabellingTaskRequested,
  type MessageInitShape,
  type TrainingRequested,
} from '@ymir/proto-events'
import { waitUntil } from '@ymir/service'
import type { DataSource, EntityManager } from 'typeorm'
import { afterAll, afterEach } from 'vitest'
import { listen } from '../events.ts'
import type { IterationRow } from '../iteration/iteration.entity.ts'
import { Iterations, stepsByIteration } from '../iteration/iteration.ts'
import { fillInNextRound } from '../iteration/next-round.ts'
import { Records } from '../iteration/records.ts'
import type { StepName } from '../iteration/step.ts'
import { migrations } from '../migrations.ts'
import { PlanRunner } from '../plan/plan-runner.ts'
import { entities } from '../subgraph.ts'
import { Selection } from '../task/selection.ts'

const natsUrl = process.env.YMIR_TEST_NATS_URL ?? ''
const closing: (() => Promise<unknown>)[] = []

const closingLast: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})
afterAll(async () => {
  for (const close of closingLast.splice(0).reverse()) await close()
})

/** The assets of the pool, the least instructive first. */
export const pool = Array.from({ length: 50 }, (_, index) => `asset-${String(index).padStart(2, '0')}`)

const testVersionId = randomUUID()

/** What a first round needs, and 5 images of it. */
export const firstChoice = () => ({
  miningVersionId: randomUUID(),
  trainingVersionId: randomUUID(),
  testVersionId,
  startModelId: randomUUID(),
  executorImageId: randomUUID(),
  topK: 5,
})

/** What the services around the mining service do. They may be told otherwise while the loop runs. */
export interface World {
  labelling: 'SUCCEEDED' | 'FAILED'
  mining: 'SUCCEEDED' | 'FAILED'
  /** Lower ends of the intervals of the rounds' gains, first to last; then 0.01. */
  readonly gains: readonly number[]
  /** Perceptual hashes by asset id. */
  readonly looks: Readonly<Record<string, string>>
  /** Says everything that was said before once more, in another order, whenever it says something. */
  readonly repeats: boolean
}

/**
 * What the graph would say of the others' things.
 * @param manifestSha256 of every version
 */
function aGraph(projectId: string, { gains, looks }: World, manifestSha256: string): GraphClient {
  const version = (name: string, assetCount: number) => ({
    assetCount,
    project: { id: projectId },
    dataset: { id: randomUUID(), name },
  })
  const nextRound = {
    mining: version('pool', 50),
    training: version('train', 10),
    test: version('test', 10),
    model: {
      ...{ name: 'first', state: 'READY', map50: 0.5, classes: ['brick'], project: { id: projectId } },
      trainingVersion: { id: randomUUID() },
      bestStage: {
        id: randomUUID(),
        name: 'last',
        files: [{ name: 'm.onnx', sha256: 'a'.repeat(64), size: 1 }],
      },
    },
    executorImage: {
      ...{ name: 'onnx', kinds: ['TRAINING', 'MINING', 'INFERENCE'] },
      ...{ enabled: true, shared: true, tellsDetails: false },
    },
  }
  const twoMinutes = { startedAt: '2026-01-01T00:00:00Z', finishedAt: '2026-01-01T00:02:00Z', gpuCount: 1 }
  const evaluated = (modelId: unknown) => ({
    job: twoMinutes,
    evaluations: [
      {
        ...{ id: `evaluation of ${String(modelId)}`, state: 'SUCCEEDED', version: { id: testVersionId } },
        ...{ interval: { low: 0.4, high: 0.7, confidence: 0.95 }, job: twoMinutes },
      },
    ],
  })
  const ofRound = ({ model, startModel }: Readonly<Record<string, unknown>>) => ({
    datasetVersion: { annotationCount: 12 },
    labellingTask: {
      ...{ automaticLabeller: null, vendor: { name: 'Boxes' } },
      labellers: [
        { answeredCount: 5, secondsPerImage: 24, user: { name: 'Ada' }, vendor: null },
        { answeredCount: 6, secondsPerImage: 30, user: null, vendor: { name: 'Boxes' } },
        { answeredCount: 1, secondsPerImage: null, user: null, vendor: { name: 'Frames' } },
      ],
    },
    model: evaluated(model),
    startModel: evaluated(startModel),
  })
  let compared = 0
  const answers: Readonly<Record<string, (variables: Readonly<Record<string, unknown>>) => object>> = {
    NextRound: () => nextRound,
    RoundToRecord: ofRound,
    // what is mined is compared with what is labelled and with itself
    ManifestToExclude: () => ({ datasetVersion: { manifest: { sha256: manifestSha256 } } }),
    PerceptualHashes: ({ assetIds }) => ({
      datasetVersion: { perceptualHashes: (assetIds as string[]).map((assetId) => looks[assetId] ?? null) },
    }),
    MiningJobOfRound: () => ({ job: twoMinutes }),
    GainOfRound: () => {
      const low = gains[compared++] ?? 0.01
      return { evaluationGain: { low, high: low + 0.1, confidence: 0.95 } }
    },
  }
  const query = (document: string, variables: Readonly<Record<string, unknown>>) => {
    const name = /query (\w+)/.exec(document)?.[1] ?? ''
    return Promise.resolve(answers[name]?.(variables))
  }
  return { query } as unknown as GraphClient // the one method that is used
}

/** A project, what the services around do for it, and what they were asked for it. */
interface Heard {
  readonly world: World
  readonly blobs: Blobs
  readonly jobs: JobRequested[]
  readonly requested: DatasetVersionRequested[]
  readonly toLabel: LabellingTaskRequested[]
  readonly trainings: TrainingRequested[]
}

type Say = <Schema extends EventSchema>(
  manager: EntityManager,
  schema: Schema,
  data: MessageInitShape<Schema>,
) => Promise<void>

/** By project. */
const heardIn = new Map<string, Heard>()
let standIns: ReturnType<typeof openStandIns> | undefined

/** The services around the mining service, which do at once what is asked: one of each for all tests of a file. */
async function openStandIns() {
  await standIn('dataset', (bus, say) =>
    bus.handle(DatasetVersionRequestedSchema, async (event, { manager }) => {
      const { projectId, versionId, operation } = event
      if (!heardIn.has(projectId)) return
      heardIn.get(projectId)?.requested.push(event)
      const counts = { exclude: 40n, take: 5n, merge: 15n, labelled: 5n }
      const assetCount = operation.case ? counts[operation.case] : 0n
      await say(manager, DatasetVersionCreatedSchema, { projectId, versionId, assetCount })
    }),
  )
  await standIn('labeling', (bus, say) =>
    bus.handle(LabellingTaskRequestedSchema, async (event, { manager }) => {
      const { projectId, labellingTaskId } = event
      const heard = heardIn.get(projectId)
      if (!heard) return
      heard.toLabel.push(event)
      await say(manager, LabellingTaskStateChangedSchema, { projectId, labellingTaskId, state: 'OPEN' })
      const state = heard.world.labelling
      await say(manager, LabellingTaskStateChangedSchema, {
        ...{ projectId, labellingTaskId, state, versionId: randomUUID() },
        ...(state === 'FAILED' ? { problem: 'nobody came' } : { assetCount: 5n }),
      })
    }),
  )
  await standIn('model', (bus, say) =>
    bus.handle(TrainingRequestedSchema, async (event, { manager }) => {
      const { projectId, modelId } = event
      if (!heardIn.has(projectId)) return
      heardIn.get(projectId)?.trainings.push(event)
      await say(manager, ModelStateChangedSchema, { projectId, modelId, state: 'TRAINING' })
      await say(manager, ModelStateChangedSchema, { projectId, modelId, state: 'READY', map50: 0.6 })
    }),
  )
  const executor = await standIn('executor', (bus, say) =>
    bus.handle(JobRequestedSchema, async (event, { manager }) => {
      const { projectId, jobId, candidateChunk } = event
      const heard = heardIn.get(projectId)
      if (!heard) return
      heard.jobs.push(event)
      const to = heard.world.mining
      const result = to === 'SUCCEEDED' ? await scores(heard.blobs, candidateChunk) : undefined
      await say(manager, JobStateChangedSchema, { projectId, jobId, to, result })
    }),
  )
  return { executor }
}

async function standIn(service: string, wire: (bus: Bus, say: Say) => void) {
  const { database, close } = await openTestDatabase(`mining_${service}`, {
    entities: [],
    migrations: busMigrations,
  })
  closingLast.push(close)
  const bus = await openBus({ service, natsUrl, database })
  closingLast.push(() => bus.stop())
  const said: { projectId: string; again: () => Promise<unknown> }[] = []
  wire(bus, async (manager, schema, data) => {
    const speak = (within: EntityManager) => bus.emit(within, schema, data)
    await speak(manager)
    const { projectId } = data as { projectId: string } // every event that a stand-in says has one
    if (!heardIn.get(projectId)?.world.repeats) return
    for (const one of said.toReversed()) if (one.projectId === projectId) await one.again()
    said.push({ projectId, again: () => speak(database.manager) })
  })
  await bus.start()
  return { database, bus }
}

async function scores(blobs: Blobs, chunk?: JobRequested['candidateChunk']) {
  const { count = 1, number = 0 } = chunk ?? {}
  const scored = pool.map((assetId, index) => ({ assetId, score: index / 50 }))
  const lines = scored.filter((_, index) => index % count === number)
  const { sha256, size } = await writeJsonLines(blobs, lines)
  return { scores: { sha256, size: BigInt(size) } }
}

/** The mining service with real database and bus; the services around it stand in by what they would say. */
export async function aLoop(choice: Partial<World> = {}) {
  const world: World = {
    labelling: 'SUCCEEDED',
    mining: 'SUCCEEDED',
    gains: [],
    looks: {},
    repeats: false,
    ...choice,
  }
  const projectId = randomUUID()
  const folder = await mkdtemp(join(tmpdir(), 'ymir-mining-'))
  closing.push(() => rm(folder, { recursive: true, force: true }))
  const blobs = await openBlobs(folder)
  const manifest = await writeJsonLines(blobs, [{ assetId: 'labelled' }])
  const graph = aGraph(projectId, world, manifest.sha256)
  const heard: Heard = { world, blobs, jobs: [], requested: [], toLabel: [], trainings: [] }
  heardIn.set(projectId, heard)
  const { executor } = await (standIns ??= openStandIns())
  const { database, close } = await openTestDatabase('mining_mining', {
    entities,
    migrations: [...busMigrations, ...migrations],
  })
  closing.push(close)
  /** One more process of the service. */
  const start = async () => {
    const started = await aService({ database, graph, blobs })
    closing.push(started.stop)
    return started
  }
  let service = await start()
  const { bus } = service
  const begin = async (chosen: Parameters<typeof fillInNextRound>[3]) => {
    const line = { projectId, branchId: null }
    const next = await fillInNextRound(database.manager, { graph, asAdministrator: false }, line, chosen)
    return database.transaction((manager) =>
      new Iterations(manager, bus).begin({ ...next, ...line, planId: null, createdBy: 'u' }),
    )
  }
  /** The service ends and starts again, as a process would. */
  const restart = async () => {
    await service.stop()
    service = await start()
  }
  const statesOf = async ({ id }: IterationRow) => {
    const [steps = []] = await stepsByIteration(database.manager, [id])
    return Object.fromEntries(steps.map(({ name, state }) => [name, state])) as Record<StepName, string>
  }
  const untilStep = (iteration: IterationRow, name: StepName, state: string) =>
    waitUntil(`${name} to be ${state}`, async () => (await statesOf(iteration))[name] === state)
  /** As the executor does it: a new job in place of one that failed, which then succeeds. */
  const retry = (retryOfJobId: string) =>
    executor.database.transaction(async (manager) => {
      const jobId = randomUUID()
      await executor.bus.emit(manager, JobRetriedSchema, { projectId, jobId, retryOfJobId })
      const failed = heard.jobs.find((one) => one.jobId === retryOfJobId)
      const result = await scores(blobs, failed?.candidateChunk)
      const succeeded = { projectId, jobId, to: 'SUCCEEDED', result }
      await executor.bus.emit(manager, JobStateChangedSchema, succeeded)
    })
  return {
    database,
    bus,
    graph,
    projectId,
    ...heard,
    begin,
    statesOf,
    untilStep,
    retry,
    restart,
    start,
  }
}

/** A process of the mining service. */
async function aService({
  database,
  graph,
  blobs,
}: {
  database: DataSource
  graph: GraphClient
  blobs: Blobs
}) {
  const bus = await openBus({ service: 'mining', natsUrl, database })
  const selection = new Selection({ database, bus, graph, blobs })
  const records = new Records({ database, bus, graph })
  const planRunner = new PlanRunner({ database, bus, graph })
  const chores = [selection, records, planRunner]
  listen(bus, { selection, records, planRunner })
  await bus.start()
  for (const chore of chores) chore.look()
  let stopping: Promise<void> | undefined
  const end = async () => {
    for (const chore of chores) await chore.stop()
    await bus.stop()
  }
  const stop = () => (stopping ??= end())
  return { bus, stop }
}
