import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openBlobs, writeJsonLines } from '@ymir/blobs'
import { busMigrations, openBus, type Bus } from '@ymir/bus'
import { openTestDatabase } from '@ymir/database'
import {
  CALLER_HEADER,
  GraphClient,
  serveSubgraph,
  signIdentity,
  type Caller,
  type ProjectRole,
} from '@ymir/graphql'
import {
  EvaluationStateChangedSchema,
  JobRequestedSchema,
  JobRetriedSchema,
  JobStageSavedSchema,
  JobStateChangedSchema,
  ModelStageAddedSchema,
  ModelStateChangedSchema,
  TrainingRequestedSchema,
  type EvaluationStateChanged,
  type JobRequested,
  type MessageInitShape,
  type ModelStageAdded,
  type ModelStateChanged,
  type TrainingRequested,
} from '@ymir/proto-events'
import { waitUntil as waitUntilSoon } from '@ymir/service'
import { Confusions } from '../evaluation/confusion.ts'
import { Evaluator } from '../evaluation/evaluator.ts'
import { listen } from '../events.ts'
import { migrations } from '../migrations.ts'
import { modelFileRoutes } from '../package/model-files.route.ts'
import { entities, subgraph } from '../subgraph.ts'

const secret = 'secret of a platform that lives for a test'
const natsUrl = process.env.YMIR_TEST_NATS_URL ?? ''

/** With a deadline for a machine that does many other things. */
const waitUntil = <T>(what: string, probe: () => T | undefined) =>
  waitUntilSoon(what, probe, { timeoutMs: 25_000 })

export type TestPlatform = Awaited<ReturnType<typeof startTestPlatform>>

export interface Answer {
  // the query of each test gives the shape of its answer
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly data: any
  /** Code of the first error. */
  readonly code: string | undefined
  readonly message: string | undefined
}

/** An image of a test's version or a line of its predictions. */
export interface TestAsset {
  readonly assetId: string
  readonly annotations: readonly { label: string; box: object; score?: number; crowd?: boolean }[]
}

type JobEnd = Omit<MessageInitShape<typeof JobStateChangedSchema>, 'projectId' | 'jobId' | '$typeName'>

/**
 * The model service on a fresh schema. Executor and mining are buses of their own; in the gateway's place stands a server
 * that knows the test's versions, a project with the classes brick and plate, and one executor image.
 */
export async function startTestPlatform() {
  const home = await mkdtemp(join(tmpdir(), 'ymir-model-'))
  const uploads = join(home, 'uploads')
  await mkdir(uploads)
  const blobs = await openBlobs(join(home, 'blobs'))
  const projectId = randomUUID()
  const versions = new Map<string, { projectId: string; sha256: string; assetCount: number }>()
  const versionOf = (id: unknown) => {
    const version = versions.get(String(id))
    if (!version) return null
    const { sha256, assetCount } = version
    return { project: { id: version.projectId }, manifest: { sha256 }, assetCount }
  }
  const unshared = new Set<string>()
  const gateway = await aGateway((asked) => ({
    project: asked.projectId === projectId ? { classes: ['brick', 'plate'] } : null,
    membership: null,
    datasetVersion: versionOf(asked.versionId),
    training: versionOf(asked.training),
    test: versionOf(asked.test),
    executorImage: {
      name: 'onnx',
      kinds: ['TRAINING', 'INFERENCE'],
      enabled: true,
      shared: !unshared.has(String(asked.executorImageId)),
    },
  }))
  const graph = new GraphClient({ gatewayUrl: gateway.url, secret, service: 'model' })

  const own = await openTestDatabase('model', { entities, migrations: [...busMigrations, ...migrations] })
  const bus = await openBus({ service: 'model', natsUrl, database: own.database })
  const newEvaluator = () => new Evaluator({ database: own.database, bus, graph, blobs })
  let evaluator = newEvaluator()
  listen(bus, graph, { look: () => evaluator.look() })
  const configuration = {
    ...{ service: 'model', host: '127.0.0.1', port: 0, databaseUrl: own.url, natsUrl, secret, home, uploads },
    ...{ gatewayUrl: gateway.url, blobs: join(home, 'blobs') },
  }
  const context = { database: own.database, bus, blobs, uploads, confusions: new Confusions(blobs) }
  const server = await serveSubgraph({ configuration, subgraph, context, routes: modelFileRoutes })

  const jobs: JobRequested[] = []
  const executor = await aService('executor', (other) =>
    other.handle(JobRequestedSchema, async (event) => void jobs.push(event)),
  )
  const models: ModelStateChanged[] = []
  const stages: ModelStageAdded[] = []
  const evaluations: EvaluationStateChanged[] = []
  const mining = await aService('mining', (other) => {
    other.handle(ModelStateChangedSchema, async (event) => void models.push(event))
    other.handle(ModelStageAddedSchema, async (event) => void stages.push(event))
    other.handle(EvaluationStateChangedSchema, async (event) => void evaluations.push(event))
  })
  await bus.start()

  const signed = (caller: Caller, method: string, path: string, body = '') =>
    fetch(`http://127.0.0.1:${server.port}${path}`, {
      method,
      headers: {
        [CALLER_HEADER]: signIdentity(caller, { method, path, body }, secret),
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body }),
    })

  return {
    blobs,
    database: own.database,
    projectId,
    stages,
    models,
    evaluations,
    jobs,
    /** A file of the service, as the gateway would ask for it. */
    get: (caller: Caller, path: string) => signed(caller, 'GET', path),

    ask: async (caller: Caller, query: string, variables: object = {}): Promise<Answer> => {
      const response = await signed(caller, 'POST', '/graphql', JSON.stringify({ query, variables }))
      const { data, errors = [] } = (await response.json()) as {
        data: unknown
        errors?: { message: string; extensions?: { code?: string } }[]
      } // GraphQL over HTTP
      return { data, code: errors[0]?.extensions?.code, message: errors[0]?.message }
    },

    /** Someone in the project. */
    someone: (role: ProjectRole): Caller & { userId: string } => ({
      ...{ kind: 'user', userId: randomUUID(), role: 'MEMBER', scopes: ['read', 'write'] },
      memberships: { [projectId]: role },
    }),

    /** Someone of the workspace who is not in the project. */
    stranger: (): Caller => ({
      ...{ kind: 'user', userId: randomUUID(), role: 'MEMBER', scopes: ['read', 'write'], memberships: {} },
    }),

    /** An executor image that is there for administrators only. */
    anUnsharedImage: (): string => {
      const id = randomUUID()
      unshared.add(id)
      return id
    },

    aVersion: async (assets: readonly TestAsset[], { of = projectId } = {}): Promise<string> => {
      const { sha256 } = await writeJsonLines(blobs, assets)
      const id = randomUUID()
      versions.set(id, { projectId: of, sha256, assetCount: assets.length })
      return id
    },

    /** A finished upload of a user. */
    anUpload: async (userId: string, bytes: Uint8Array, filename = 'photo.jpg'): Promise<string> => {
      const id = randomUUID()
      await writeFile(join(uploads, id), bytes)
      await writeFile(
        join(uploads, `${id}.json`),
        JSON.stringify({ size: bytes.length, metadata: { userId, filename } }),
      )
      return id
    },

    /** Asks as mining does. @returns the model's id */
    requestTraining: async (
      request: Partial<Omit<TrainingRequested, '$typeName' | '$unknown'>> = {},
    ): Promise<string> => {
      const modelId = request.modelId ?? randomUUID()
      await mining.database.transaction((manager) =>
        mining.bus.emit(manager, TrainingRequestedSchema, {
          ...{ projectId, name: 'bricks', parametersJson: '{"steps":10}', actorId: randomUUID() },
          ...{ trainingVersionId: randomUUID(), testVersionId: randomUUID(), executorImageId: randomUUID() },
          ...request,
          modelId,
        }),
      )
      return modelId
    },

    /** The executor has saved a stage. */
    saved: async (
      { jobId }: JobRequested,
      stage: { stageName: string; best?: boolean; metrics?: Record<string, number>; bytes?: string },
    ) => {
      const { bytes = `weights of ${stage.stageName}`, ...said } = stage
      const { sha256, size } = await blobs.put(Buffer.from(bytes))
      await executor.database.transaction((manager) =>
        executor.bus.emit(manager, JobStageSavedSchema, {
          ...{ projectId, jobId, savedAt: 1_700_000_000n, best: false, metrics: { mAP: 0.5 } },
          files: [{ name: 'model.onnx', blob: { sha256, size: BigInt(size) } }],
          ...said,
        }),
      )
    },

    /** The job's state has changed. */
    jobIs: ({ jobId }: Pick<JobRequested, 'jobId'>, change: JobEnd) =>
      executor.database.transaction((manager) =>
        executor.bus.emit(manager, JobStateChangedSchema, { projectId, jobId, ...change }),
      ),

    /** Says that a job is tried again as another. */
    retried: async ({ jobId: retryOfJobId }: Pick<JobRequested, 'jobId'>, parameters = {}) => {
      const jobId = randomUUID()
      const parametersJson = JSON.stringify(parameters)
      await executor.database.transaction((manager) =>
        executor.bus.emit(manager, JobRetriedSchema, { projectId, jobId, retryOfJobId, parametersJson }),
      )
      return { jobId }
    },

    /** What a job found. */
    predictions: async (lines: readonly TestAsset[]) => {
      const { sha256, size } = await writeJsonLines(blobs, lines)
      return { predictions: { sha256, size: BigInt(size) } }
    },

    /** The n-th job that the service has asked for and that fits. */
    jobFor: (what: string, fits: (job: JobRequested) => boolean, nth = 1): Promise<JobRequested> =>
      waitUntil(`job ${nth} ${what}`, () => jobs.filter(fits)[nth - 1]),

    modelIs: (modelId: string, state: string): Promise<ModelStateChanged> =>
      waitUntil(`model ${modelId} to be ${state}`, () =>
        models.find((one) => one.modelId === modelId && one.state === state),
      ),

    statesOf: (modelId: string) => models.flatMap((one) => (one.modelId === modelId ? [one.state] : [])),

    evaluationIs: (evaluationId: string, state: string): Promise<EvaluationStateChanged> =>
      waitUntil(`evaluation ${evaluationId} to be ${state}`, () =>
        evaluations.find((one) => one.evaluationId === evaluationId && one.state === state),
      ),

    /** No evaluation begins any more, as if the process had died there. */
    losesItsEvaluator: () => evaluator.stop(),

    /** As at the start of a process. */
    restartsItsEvaluator: () => {
      evaluator = newEvaluator()
      evaluator.look()
    },

    stop: async () => {
      await server.stop()
      await evaluator.stop()
      await bus.stop()
      await own.close()
      await executor.stop()
      await mining.stop()
      await graph.close()
      await gateway.stop()
      await rm(home, { recursive: true, force: true })
    },
  }
}

/** A training with the stages step_1 and step_2, the second the best, about to end. */
export async function aTraining(
  platform: TestPlatform,
  request: Parameters<TestPlatform['requestTraining']>[0] = {},
) {
  const modelId = await platform.requestTraining(request)
  await platform.modelIs(modelId, 'TRAINING')
  const jobId = await jobIdOf(platform, modelId)
  const job = await platform.jobFor(`of model ${modelId}`, (one) => one.jobId === jobId)
  await platform.saved(job, { stageName: 'step_1', best: true, metrics: { mAP: 0.4 } })
  await platform.saved(job, { stageName: 'step_2', best: true, metrics: { mAP: 0.6 } })
  return { modelId, job }
}

/** A model that was trained and evaluated; brick is all that its test set shows, found in full. */
export async function aModel(platform: TestPlatform) {
  const truth = [
    { assetId: 'a', annotations: [{ label: 'brick', box: { x: 1, y: 1, width: 9, height: 9 } }] },
  ]
  const testVersionId = await platform.aVersion(truth)
  const { modelId, job } = await aTraining(platform, { testVersionId })
  await platform.jobIs(job, { to: 'SUCCEEDED', result: { bestStageName: 'step_2' } })
  const inference = await platform.jobFor('that infers', (one) => one.candidateVersionId === testVersionId)
  const found = truth.map((line) => ({
    ...line,
    annotations: line.annotations.map((one) => ({ ...one, score: 0.9 })),
  }))
  await platform.jobIs(inference, { to: 'SUCCEEDED', result: await platform.predictions(found) })
  const { bestStageId } = await platform.modelIs(modelId, 'READY')
  return { modelId, stageId: bestStageId, testVersionId }
}

async function jobIdOf({ database }: TestPlatform, modelId: string): Promise<string> {
  const rows: { job_id: string }[] = await database.query('select job_id from model where id = $1', [modelId])
  return rows[0]?.job_id ?? ''
}

/** Another service, as far as it speaks and hears. */
async function aService(service: string, prepare: (bus: Bus) => void) {
  const { database, close } = await openTestDatabase(service, { entities: [], migrations: busMigrations })
  const bus = await openBus({ service, natsUrl, database })
  prepare(bus)
  await bus.start()
  return {
    bus,
    database,
    stop: async () => {
      await bus.stop()
      await close()
    },
  }
}

/** Answers every query with the same fields: GraphClient reads those that its document asks for. */
async function aGateway(answer: (variables: Readonly<Record<string, unknown>>) => object) {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { variables } = JSON.parse(Buffer.concat(chunks).toString()) as {
        variables: Record<string, unknown>
      }
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ data: answer(variables) }))
    })
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo // it listens on a port
  return {
    url: `http://127.0.0.1:${port}`,
    stop: () => new Promise((stopped) => server.close(stopped)),
  }
}
