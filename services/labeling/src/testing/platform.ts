import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openBlobs, readJsonLines, writeJsonLines } from '@ymir/blobs'
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
  DatasetVersionCreatedSchema,
  DatasetVersionFailedSchema,
  DatasetVersionRequestedSchema,
  LabellingTaskProgressedSchema,
  LabellingTaskRequestedSchema,
  LabellingTaskStateChangedSchema,
  type DatasetVersionRequested,
} from '@ymir/proto-events'
import { waitUntil as waitUntilSoon } from '@ymir/service'
import { Chores } from '../chores.ts'
import { listen } from '../events.ts'
import { migrations } from '../migrations.ts'
import { entities, labelMutations, subgraph } from '../subgraph.ts'
import type { ManifestAnnotation } from '../task/version.ts'
import { VendorDoors } from '../vendor/vendor-doors.ts'

const secret = 'secret of a platform that lives for a test'
const natsUrl = process.env.YMIR_TEST_NATS_URL ?? ''

/** With a deadline for a machine that does many other things. */
const waitUntil = <T>(what: string, probe: () => T | undefined) =>
  waitUntilSoon(what, probe, { timeoutMs: 25_000 })

/** A platform's other services, as far as labelling needs them, around the real labeling service. */
export type TestPlatform = Awaited<ReturnType<typeof startTestPlatform>>

export interface Answer {
  // the query of each test gives the shape of its answer
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly data: any
  /** Code of the first error. */
  readonly code: string | undefined
  readonly message: string | undefined
}

/** An image of a test's version. */
export interface TestAsset {
  readonly assetId: string
  readonly annotations?: readonly ManifestAnnotation[]
}

/** A prediction set of a test's version. */
export interface TestSet {
  readonly id: string
  readonly sha256: string
  readonly size: number
  readonly sourceKind: 'IMPORT' | 'MODEL'
  readonly sourceId: string
}

export interface Told {
  readonly taskId: string
  readonly state?: string
  readonly versionId?: string
  readonly problem?: string
  readonly assetCount?: bigint
  readonly doneCount?: number
}

/** `count` assets, 100 x 80 pixels, with one box of the label each. */
export function someAssets(count: number, label = 'brick', prefix = 'a'): TestAsset[] {
  return Array.from({ length: count }, (_, index) => ({
    assetId: `${prefix}${String(index).padStart(5, '0')}`,
    annotations: [{ label, box: { x: index % 50, y: 2, width: 10, height: 20 } }],
  }))
}

/** The labeling service on a fresh schema; dataset and mining are buses of their own, the gateway is a server that knows their versions. */
export async function startTestPlatform({ pollSeconds = 60 }: { readonly pollSeconds?: number } = {}) {
  const home = await mkdtemp(join(tmpdir(), 'ymir-labeling-'))
  const blobs = await openBlobs(join(home, 'blobs'))
  const projectId = randomUUID()
  const versions = new Map<string, { projectId: string; sha256: string; sets: readonly TestSet[] }>()
  const gateway = await aGateway(({ versionId }) => {
    const version = versions.get(String(versionId))
    return {
      project: { classes: ['brick', 'plate'] },
      membership: null,
      issueVendorKey: { token: 'ymir_v_of_a_test' },
      revokeVendorKeys: { vendorId: '' },
      datasetVersion: version
        ? {
            project: { id: version.projectId },
            manifest: { sha256: version.sha256 },
            history: [{ project: { id: version.projectId }, predictionSets: version.sets }],
          }
        : null,
    }
  })
  const graph = new GraphClient({ gatewayUrl: gateway.url, secret, service: 'labeling' })

  const own = await openTestDatabase('labeling', { entities, migrations: [...busMigrations, ...migrations] })
  const bus = await openBus({ service: 'labeling', natsUrl, database: own.database })
  const vendorDoors = await VendorDoors.connect({
    ...{ database: own.database, bus, natsUrl, home, secret },
    allowPrivateUrls: true,
    onResults: (task) => chores.wake(task),
  })
  const { cipher, outward, look } = vendorDoors
  const vendors = { cipher, outward, look, pollSeconds }
  const newChores = () => new Chores({ database: own.database, bus, graph, blobs, vendors })
  let chores = newChores()
  const wake: Chores['wake'] = (task) => chores.wake(task)
  const lookIntoTools: Chores['lookIntoTools'] = () => chores.lookIntoTools()
  listen(bus, { wake })
  const configuration = {
    service: 'labeling',
    host: '127.0.0.1',
    port: 0,
    databaseUrl: own.url,
    natsUrl,
    gatewayUrl: gateway.url,
    secret,
    home,
    blobs: join(home, 'blobs'),
    uploads: '',
  }
  const server = await serveSubgraph({
    configuration,
    subgraph,
    context: { database: own.database, bus, chores: { wake, lookIntoTools }, vendorDoors },
    labelMutations,
  })

  const told: Told[] = []
  const requests: DatasetVersionRequested[] = []
  const mining = await aService('mining', (other) => {
    other.handle(LabellingTaskStateChangedSchema, async (event) => {
      if (event.projectId === projectId) told.push({ ...event, taskId: event.labellingTaskId })
    })
    other.handle(LabellingTaskProgressedSchema, async (event) => {
      if (event.projectId === projectId)
        told.push({ taskId: event.labellingTaskId, doneCount: Number(event.doneCount) })
    })
  })
  const dataset = await aService('dataset', (other) =>
    other.handle(DatasetVersionRequestedSchema, async (event) => {
      if (event.projectId === projectId) requests.push(event)
    }),
  )
  await bus.start()
  chores.start()
  await vendorDoors.start()

  const aVersion = async (
    assets: readonly TestAsset[],
    { of = projectId, sets = [] }: { of?: string; sets?: readonly TestSet[] } = {},
  ): Promise<string> => {
    const lines = assets.map((asset) => ({
      format: 'jpg',
      width: 100,
      height: 80,
      annotations: [],
      ...asset,
    }))
    const { sha256 } = await writeJsonLines(blobs, lines)
    const id = randomUUID()
    versions.set(id, { projectId: of, sha256, sets })
    return id
  }

  const ask = async (caller: Caller, query: string, variables: object = {}): Promise<Answer> => {
    const body = JSON.stringify({ query, variables })
    const signature = signIdentity(caller, { method: 'POST', path: '/graphql', body }, secret)
    const response = await fetch(`http://127.0.0.1:${server.port}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', [CALLER_HEADER]: signature },
      body,
    })
    const { data, errors = [] } = (await response.json()) as {
      data: unknown
      errors?: { message: string; extensions?: { code?: string } }[]
    } // GraphQL over HTTP
    return { data, code: errors[0]?.extensions?.code, message: errors[0]?.message }
  }

  const requestsFor = (taskId: string) =>
    requests.filter((one) => labelledOf(one)?.labellingTaskId === taskId)

  return {
    ask,
    aVersion,
    blobs,
    database: own.database,
    bus,
    projectId,
    /** What it said. */
    told,

    /** Someone in the project. */
    someone: (role: ProjectRole, scopes: readonly string[] = ['read', 'write']): Caller => ({
      kind: 'user',
      userId: randomUUID(),
      role: 'MEMBER',
      scopes,
      memberships: { [projectId]: role },
    }),

    /** Asks as mining does. @returns the task's id */
    requestTask: async (
      versionId: string,
      more: Partial<{
        automaticLabellerId: string
        vendorId: string
        keepAnnotations: boolean
        classes: string[]
        predictions: { sha256: string; size: bigint }
        stageId: string
        labellingTaskId: string
      }> = {},
    ): Promise<string> => {
      const labellingTaskId = more.labellingTaskId ?? randomUUID()
      await mining.database.transaction((manager) =>
        mining.bus.emit(manager, LabellingTaskRequestedSchema, {
          projectId,
          labellingTaskId,
          name: 'pool, round 1',
          versionId,
          classes: ['brick'],
          ...more,
        }),
      )
      return labellingTaskId
    },

    vendor: (vendorId: string): Caller => ({ kind: 'vendor', vendorId }),

    statesOf: (taskId: string) =>
      told.flatMap((one) => (one.taskId === taskId && one.state ? [one.state] : [])),

    /** How many images were done, as often as the service said it. */
    progressOf: (taskId: string) =>
      told.flatMap((one) => (one.taskId === taskId && one.doneCount !== undefined ? [one.doneCount] : [])),

    /** What the service asked of the dataset service for a task. */
    requestsFor,

    /** Waits until the service said it. */
    stateSaid: (taskId: string, state: string): Promise<Told> =>
      waitUntil(`task ${taskId} to be ${state}`, () =>
        told.findLast((one) => one.taskId === taskId && one.state === state),
      ),

    /** The n-th request for the result of a task. */
    requestFor: (taskId: string, nth = 1): Promise<DatasetVersionRequested> =>
      waitUntil(`request ${nth} for the result of task ${taskId}`, () => requestsFor(taskId)[nth - 1]),

    /** The lines of the blob of a request. */
    linesOf: async (request: DatasetVersionRequested) => {
      const lines: { assetId: string; annotations: ManifestAnnotation[] }[] = []
      const { sha256 } = labelledOf(request)?.annotations ?? { sha256: '' }
      for await (const line of readJsonLines<(typeof lines)[number]>(blobs.read(sha256))) lines.push(line)
      return lines
    },

    /** The dataset service has made the version. */
    created: ({ versionId }: DatasetVersionRequested, assetCount = 1) =>
      dataset.database.transaction((manager) =>
        dataset.bus.emit(manager, DatasetVersionCreatedSchema, {
          projectId,
          versionId,
          assetCount: BigInt(assetCount),
        }),
      ),

    failed: ({ versionId }: DatasetVersionRequested, problem: string) =>
      dataset.database.transaction((manager) =>
        dataset.bus.emit(manager, DatasetVersionFailedSchema, { projectId, versionId, code: 'X', problem }),
      ),

    /** Someone of the workspace who is not in the project. */
    stranger: (): Caller => ({
      ...{ kind: 'user', userId: randomUUID(), role: 'MEMBER', scopes: ['read', 'write'], memberships: {} },
    }),

    /** What is to be done after a commit is not done any more, as if the process had died there. */
    losesItsChores: () => chores.stop(),

    /** As at the start of a process. */
    restartsItsChores: () => {
      chores = newChores()
      chores.start()
    },

    /** Another process of the service, beside the first. Returns its end. */
    startsOtherChores: () => {
      const other = newChores()
      other.start()
      return other.stop
    },

    stop: async () => {
      await server.stop()
      await chores.stop()
      await vendorDoors.stop()
      await bus.stop()
      await own.close()
      await mining.stop()
      await dataset.stop()
      await graph.close()
      await gateway.stop()
      await rm(home, { recursive: true, force: true })
    },
  }
}

export function labelledOf({ operation }: DatasetVersionRequested) {
  return operation.case === 'labelled' ? operation.value : undefined
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
