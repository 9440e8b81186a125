import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openBlobs, writeJsonLines } from '@ymir/blobs'
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
  type JobRequested,
  type LabellingTaskRequested,
} from '@ymir/proto-events'
import { waitUntil } from '@ymir/service'
import type { DataSource } from 'typeorm'
import { afterEach, expect, test } from 'vitest'
import { listen } from '../events.ts'
import { migrations } from '../migrations.ts'
import { entities } from '../subgraph.ts'
import { MinedDuplicateRow } from '../task/mined-duplicate.entity.ts'
import { MinedAssetRow, MiningTaskRow } from '../task/mining-task.entity.ts'
import { startMining } from '../task/mining-task.ts'
import { Selection } from '../task/selection.ts'
import { Iterations, stepsByIteration } from './iteration.ts'
import { planIteration } from './plan.ts'
import { roundsOf } from './rounds.ts'
import { IterationRow } from './iteration.entity.ts'
import type { StepName } from './step.ts'

const natsUrl = process.env.YMIR_TEST_NATS_URL ?? ''
const closing: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const pool = Array.from({ length: 50 }, (_, index) => `asset-${String(index).padStart(2, '0')}`)

/**
 * What the graph would say of the others' things.
 * @param looks perceptual hashes by asset id
 * @param manifestSha256 of every version
 */
function aGraph(projectId: string, looks: Record<string, string>, manifestSha256: string): GraphClient {
  const version = (name: string, assetCount: number) => ({
    assetCount,
    project: { id: projectId },
    dataset: { id: randomUUID(), name },
  })
  const answer = {
    mining: version('pool', 50),
    training: version('train', 10),
    test: version('test', 10),
    model: {
      ...{ name: 'first', state: 'READY', map50: 0.5, classes: ['brick'], project: { id: projectId } },
      bestStage: {
        id: randomUUID(),
        name: 'last',
        files: [{ name: 'm.onnx', sha256: 'a'.repeat(64), size: 1 }],
      },
    },
    executorImage: { name: 'onnx', kinds: ['TRAINING', 'MINING', 'INFERENCE'], enabled: true, shared: true },
  }
  const datasetVersion = (assetIds: readonly string[] = []) => ({
    manifest: { sha256: manifestSha256 },
    perceptualHashes: assetIds.map((assetId) => looks[assetId] ?? null),
  })
  const query = (_: string, { assetIds }: { assetIds?: readonly string[] }) =>
    Promise.resolve({ ...answer, datasetVersion: datasetVersion(assetIds) })
  return { query } as unknown as GraphClient // the one method that is used
}

/** The mining service with real database and bus; the services around it stand in by what they would say. */
async function aLoop({
  labelling = 'SUCCEEDED',
  mining = 'SUCCEEDED',
  looks = {},
}: {
  labelling?: 'SUCCEEDED' | 'FAILED'
  mining?: 'SUCCEEDED' | 'FAILED'
  looks?: Record<string, string>
} = {}) {
  const projectId = randomUUID()
  const folder = await mkdtemp(join(tmpdir(), 'ymir-mining-'))
  closing.push(() => rm(folder, { recursive: true, force: true }))
  const blobs = await openBlobs(folder)
  const manifest = await writeJsonLines(blobs, [{ assetId: 'labelled' }])
  const graph = aGraph(projectId, looks, manifest.sha256)
  const requested: DatasetVersionRequested[] = []
  const toLabel: LabellingTaskRequested[] = []

  const open = async (service: string, wire: (bus: Bus, database: DataSource) => void) => {
    const own = service === 'mining'
    const { database, close } = await openTestDatabase(`mining_${service}`, {
      entities: own ? entities : [],
      migrations: own ? [...busMigrations, ...migrations] : busMigrations,
    })
    closing.push(close)
    const bus = await openBus({ service, natsUrl, database })
    closing.push(() => bus.stop())
    wire(bus, database)
    await bus.start()
    return { database, bus }
  }
  const mine = (event: { projectId: string }) => event.projectId === projectId

  await open('dataset', (bus) =>
    bus.handle(DatasetVersionRequestedSchema, async (event, { manager }) => {
      if (!mine(event)) return
      requested.push(event)
      const counts = { exclude: 40n, take: 5n, merge: 15n, labelled: 5n }
      const assetCount = event.operation.case ? counts[event.operation.case] : 0n
      await bus.emit(manager, DatasetVersionCreatedSchema, {
        projectId,
        versionId: event.versionId,
        assetCount,
      })
    }),
  )
  const jobs: JobRequested[] = []
  const scores = async (chunk?: JobRequested['candidateChunk']) => {
    const { count = 1, number = 0 } = chunk ?? {}
    const scored = pool.map((assetId, index) => ({ assetId, score: index / 50 }))
    const lines = scored.filter((_, index) => index % count === number)
    const { sha256, size } = await writeJsonLines(blobs, lines)
    return { scores: { sha256, size: BigInt(size) } }
  }
  const executor = await open('executor', (bus) =>
    bus.handle(JobRequestedSchema, async (event, { manager }) => {
      if (!mine(event)) return
      jobs.push(event)
      const { jobId, candidateChunk } = event
      const result = mining === 'SUCCEEDED' ? await scores(candidateChunk) : undefined
      await bus.emit(manager, JobStateChangedSchema, { projectId, jobId, to: mining, result })
    }),
  )
  await open('labeling', (bus) =>
    bus.handle(LabellingTaskRequestedSchema, async (event, { manager }) => {
      if (!mine(event)) return
      toLabel.push(event)
      await bus.emit(manager, LabellingTaskStateChangedSchema, {
        ...{ projectId, labellingTaskId: event.labellingTaskId, state: labelling, versionId: randomUUID() },
        ...(labelling === 'FAILED' ? { problem: 'nobody came' } : { assetCount: 5n }),
      })
    }),
  )
  await open('model', (bus) =>
    bus.handle(TrainingRequestedSchema, async (event, { manager }) => {
      if (!mine(event)) return
      const { modelId } = event
      await bus.emit(manager, ModelStateChangedSchema, { projectId, modelId, state: 'READY', map50: 0.6 })
    }),
  )
  const { database, bus } = await open('mining', (own, base) => {
    const selection = new Selection({ database: base, bus: own, graph, blobs })
    closing.push(selection.stop)
    listen(own, selection)
  })
  const begin = async (choice: Parameters<typeof planIteration>[3]) => {
    const plan = await planIteration(database.manager, { graph, asAdministrator: false }, projectId, choice)
    return database.transaction((manager) =>
      new Iterations(manager, bus).begin({ ...plan, projectId, createdBy: 'u' }),
    )
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
      const chunk = jobs.find((job) => job.jobId === retryOfJobId)?.candidateChunk
      const succeeded = { projectId, jobId, to: 'SUCCEEDED', result: await scores(chunk) }
      await executor.bus.emit(manager, JobStateChangedSchema, succeeded)
    })
  return { database, bus, projectId, jobs, requested, toLabel, begin, statesOf, untilStep, retry }
}

const firstChoice = () => ({
  miningVersionId: randomUUID(),
  trainingVersionId: randomUUID(),
  testVersionId: randomUUID(),
  startModelId: randomUUID(),
  executorImageId: randomUUID(),
  topK: 5,
})

test('an automatic round goes through all its steps, and the next takes over where it ended', async () => {
  const { database, begin, untilStep, requested } = await aLoop()
  const choice = firstChoice()

  const first = await begin(choice)
  await untilStep(first, 'TRAIN', 'SUCCEEDED')
  const [steps = []] = await stepsByIteration(database.manager, [first.id])
  const second = await begin({})
  await untilStep(second, 'TRAIN', 'SUCCEEDED')

  const [prepare, mine, , merge, train] = steps
  expect(steps.map(({ assetCount }) => assetCount)).toEqual([40, 5, 5, 15, null])
  expect(second.start).toMatchObject({
    miningVersionId: prepare?.versionId,
    trainingVersionId: merge?.versionId,
    modelId: train?.outputId,
    minedVersionIds: [mine?.versionId],
  })
  expect(second.settings).toEqual(first.settings)
  const operations = requested.map(({ operation }) => operation.case)
  expect(operations).toEqual(['exclude', 'take', 'merge', 'exclude', 'take', 'merge'])
  const mined = await database.getRepository(MinedAssetRow).find()
  expect(new Set(mined.map(({ assetId }) => assetId))).toEqual(new Set(pool.slice(-5)))

  const rows = await database.getRepository(IterationRow).find({ order: { round: 'ASC' } })
  const withSteps = await stepsByIteration(
    database.manager,
    rows.map(({ id }) => id),
  )
  const rounds = roundsOf(rows.map((row, index) => [row, withSteps[index] ?? []]))
  expect(
    rounds.map(({ round, trainingCount, poolCount, map50 }) => [round, trainingCount, poolCount, map50]),
  ).toEqual([
    [0, 10, 50, 0.5],
    [1, 15, 35, 0.6],
    [2, 15, 35, 0.6],
  ])
  expect(rounds[1]?.change).toBeCloseTo(0.1)
})

test('a round mines nothing that looks like what is labelled, or like another that it mines', async () => {
  const [like, other] = ['00000000000000ff', 'ff00000000000000']
  const looks = { labelled: like, 'asset-49': like, 'asset-48': other, 'asset-47': other }
  const { database, begin, untilStep } = await aLoop({ looks })

  const mined = async (choice: Parameters<typeof begin>[0]) => {
    const iteration = await begin({ ...firstChoice(), topK: 3, ...choice })
    await untilStep(iteration, 'TRAIN', 'SUCCEEDED')
    const [steps = []] = await stepsByIteration(database.manager, [iteration.id])
    const miningTaskId = steps[1]?.outputId ?? ''
    const chosen = await database
      .getRepository(MinedAssetRow)
      .find({ where: { miningTaskId }, order: { rank: 'ASC' } })
    const leftOut = await database.getRepository(MinedDuplicateRow).findBy({ miningTaskId })
    return { assetIds: chosen.map(({ assetId }) => assetId), leftOut }
  }
  const { assetIds, leftOut } = await mined({})
  expect(assetIds).toEqual(['asset-48', 'asset-46', 'asset-45'])
  expect(leftOut).toMatchObject([
    { assetId: 'asset-49', ofAssetId: 'labelled', likeness: 'PERCEPTUAL' },
    { assetId: 'asset-47', ofAssetId: 'asset-48', likeness: 'PERCEPTUAL' },
  ])
  expect(await mined({ deduplicate: false })).toEqual({
    assetIds: ['asset-49', 'asset-48', 'asset-47'],
    leftOut: [],
  })
})

test('a step that fails stops the round with its reason, and may be run again', async () => {
  const { database, bus, begin, untilStep, statesOf } = await aLoop({ labelling: 'FAILED' })

  const iteration = await begin(firstChoice())
  await untilStep(iteration, 'LABEL', 'FAILED')

  expect(await statesOf(iteration)).toEqual({
    PREPARE: 'SUCCEEDED',
    MINE: 'SUCCEEDED',
    LABEL: 'FAILED',
    MERGE: 'WAITING',
    TRAIN: 'WAITING',
  })
  await expect(begin({})).resolves.toBeDefined() // a failed round does not stand in the way of the next
  await database.transaction((manager) =>
    new Iterations(manager, bus).run(iteration, 'MINE', { topK: 3 }, 'u'),
  )
  await untilStep(iteration, 'LABEL', 'FAILED')
  const counted = await database.query(
    'select count(*)::int as n from mined_asset group by mining_task_id order by n',
  )
  expect(counted[0]).toEqual({ n: 3 })
})

test('a round goes on by itself when the job of its failed step is tried again', async () => {
  const { database, begin, untilStep, retry } = await aLoop({ mining: 'FAILED' })
  const iteration = await begin(firstChoice())
  await untilStep(iteration, 'MINE', 'FAILED')

  const [task] = await database.getRepository(MiningTaskRow).find()
  await retry(task?.jobId ?? '')

  await untilStep(iteration, 'TRAIN', 'SUCCEEDED')
})

test('a large version is mined chunk by chunk, and its best assets are those of all chunks', async () => {
  const { database, bus, projectId, jobs, requested } = await aLoop()
  const stage = {
    id: randomUUID(),
    name: 'last',
    classes: ['brick'],
    files: [{ name: 'm', sha256: 'a', size: 1 }],
  }
  const { id } = await database.transaction((manager) =>
    startMining(manager, bus, {
      ...{ projectId, stage, iterationId: null, versionId: randomUUID(), assetCount: 250, chunkSize: 100 },
      ...{ executorImageId: randomUUID(), strategy: 'ENTROPY', aggregate: 'MAX', topK: 7, annotate: false },
      ...{ seed: 3, excludedVersionIds: [], excludeMined: false, resultDatasetName: 'mined', actorId: 'u' },
    }),
  )
  const tasks = database.getRepository(MiningTaskRow)
  await waitUntil('the task to succeed', async () => (await tasks.findOneBy({ id }))?.state === 'SUCCEEDED')

  expect(jobs.map(({ candidateChunk }) => candidateChunk)).toMatchObject(
    [0, 1, 2].map((number) => ({ seed: 3, count: 3, number })),
  )
  expect(await tasks.findOneBy({ id })).toMatchObject({ chunkCount: 3, chunksDone: 3, topK: 7 })
  expect(requested).toHaveLength(1)
  const mined = await database.getRepository(MinedAssetRow).find({ order: { rank: 'ASC' } })
  expect(mined.map(({ assetId }) => assetId)).toEqual(pool.slice(-7).reverse())
})

test('when the job of a chunk fails and is tried again, the chunks before it are not', async () => {
  const { database, bus, projectId, jobs, retry } = await aLoop({ mining: 'FAILED' })
  const stage = {
    id: randomUUID(),
    name: 'last',
    classes: ['brick'],
    files: [{ name: 'm', sha256: 'a', size: 1 }],
  }
  const task = await database.transaction((manager) =>
    startMining(manager, bus, {
      ...{ projectId, stage, iterationId: null, versionId: randomUUID(), assetCount: 200, chunkSize: 100 },
      ...{ executorImageId: randomUUID(), strategy: 'ENTROPY', aggregate: 'MAX', topK: 7, annotate: false },
      ...{ seed: 3, excludedVersionIds: [], excludeMined: false, resultDatasetName: 'mined', actorId: 'u' },
    }),
  )
  const tasks = database.getRepository(MiningTaskRow)
  const is = (state: string, done: number) =>
    waitUntil(`${state} with ${done} chunks`, async () => {
      const row = await tasks.findOneByOrFail({ id: task.id })
      return row.state === state && row.chunksDone === done && row
    })
  await is('FAILED', 0)
  await retry(task.jobId)
  const { jobId } = await is('FAILED', 1) // the first chunk succeeded when it was tried again, the second fails
  expect(jobs.map(({ candidateChunk }) => candidateChunk?.number)).toEqual([0, 1])

  await retry(jobId)
  await is('SUCCEEDED', 2)
  expect(jobs).toHaveLength(2)
})

test('steps wait for a person when the round is not automatic', async () => {
  const { database, bus, begin, untilStep, statesOf } = await aLoop()
  const iteration = await begin({ ...firstChoice(), automatic: false })
  const run = (step: StepName, parameters = {}) =>
    database.transaction((manager) => new Iterations(manager, bus).run(iteration, step, parameters, 'u'))

  await expect(run('MINE')).rejects.toThrow('step PREPARE comes first: it is WAITING')
  await run('PREPARE')
  await untilStep(iteration, 'PREPARE', 'SUCCEEDED')

  expect((await statesOf(iteration)).MINE).toBe('WAITING')
  await expect(run('MINE', { topK: 0 })).rejects.toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } })
  const unknown = { minShare: [{ label: 'plate', share: 0.5 }] }
  await expect(run('MINE', unknown)).rejects.toThrow('the model knows no class plate: it knows brick')
  await expect(run('MINE', { secret: 1 })).rejects.toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } })
})

test('a person chooses what each step works on, and a step that waits anew forgets it', async () => {
  const { database, bus, begin, untilStep, requested, toLabel } = await aLoop()
  const iteration = await begin({ ...firstChoice(), automatic: false })
  const run = async (step: StepName, parameters = {}) => {
    await database.transaction((manager) =>
      new Iterations(manager, bus).run(iteration, step, parameters, 'u'),
    )
    await untilStep(iteration, step, 'SUCCEEDED')
  }
  const [versionId, excluded, more] = [randomUUID(), randomUUID(), randomUUID()]

  await run('PREPARE', { versionId, excludeVersionIds: [excluded] })
  await run('MINE')
  await run('LABEL', { classes: ['plate'], review: true, keepAnnotations: true })
  await run('MERGE', { versionIds: [iteration.start.trainingVersionId, more] })

  expect(requested[0]?.operation.value).toMatchObject({ versionId, excludeVersionIds: [excluded] })
  expect(toLabel[0]).toMatchObject({ classes: ['plate'], review: true, keepAnnotations: true })
  expect(requested[2]?.operation.value).toMatchObject({
    versionIds: [iteration.start.trainingVersionId, more],
  })
  await expect(run('MERGE', { classes: ['plate'] })).rejects.toThrow('classes')

  await run('MINE')
  const [steps = []] = await stepsByIteration(database.manager, [iteration.id])
  expect(steps.map(({ parameters }) => parameters)).toEqual([
    { versionId, excludeVersionIds: [excluded] },
    ...[{}, { keepAnnotations: true }, {}, {}],
  ])
})

test('the first round says what it needs', async () => {
  const { begin } = await aLoop()

  await expect(begin({ ...firstChoice(), startModelId: undefined })).rejects.toThrow('startModelId is needed')
})
