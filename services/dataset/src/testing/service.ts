import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openBlobs } from '@ymir/blobs'
import { busMigrations, openBus } from '@ymir/bus'
import { openTestDatabase } from '@ymir/database'
import {
  CALLER_HEADER,
  GraphClient,
  serveSubgraph,
  signIdentity,
  type Caller,
  type UserCaller,
} from '@ymir/graphql'
import { DatasetVersionRequestedSchema, type EventSchema, type MessageInitShape } from '@ymir/proto-events'
import { waitUntil } from '@ymir/service'
import { Thumbnails } from '../asset/thumbnail.ts'
import type { DatasetServices } from '../context.ts'
import { entities } from '../entities.ts'
import { Imports } from '../import/imports.ts'
import { type ImportSettings, readImportSettings } from '../import/settings.ts'
import { listenForLineage } from '../lineage/lineage.events.ts'
import { listenForPredictions } from '../prediction/prediction.events.ts'
import { migrations } from '../migrations.ts'
import { routes } from '../routes.ts'
import { HashIndex } from '../similarity/hash-index.ts'
import { Hashing } from '../similarity/hashing.ts'
import { GarbageCollection } from '../storage/collection.ts'
import { holdersInTheGraph } from '../storage/holders.ts'
import { StorageUsage } from '../storage/usage.ts'
import { subgraph } from '../subgraph.ts'
import { Manifests } from '../version/manifest.ts'
import { VersionRequests } from '../version/requests.ts'

const secret = 'a secret of at least thirty-two characters'

/** A signed-in member of the workspace. */
export function aUser(memberships: UserCaller['memberships'] = {}): UserCaller {
  return { kind: 'user', userId: randomUUID(), role: 'MEMBER', scopes: ['read', 'write'], memberships }
}

export interface Answer {
  // the query of each test gives the shape of its answer
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly data: any
  readonly errors?: readonly { readonly message: string; readonly extensions: Record<string, unknown> }[]
}

export type TestService = Awaited<ReturnType<typeof startTestService>>

/**
 * The dataset service on a fresh schema of the tests' PostgreSQL and on their nats-server, behind the platform's signature.
 * In the gateway's place stands a server that answers what the service asks of identity and notes it.
 */
export async function startTestService({
  imports: chosen = {},
}: { readonly imports?: Partial<ImportSettings> } = {}) {
  const natsUrl = process.env.YMIR_TEST_NATS_URL
  if (!natsUrl) throw new Error('YMIR_TEST_NATS_URL is not set: run the tests with vitest from the root')
  const home = await mkdtemp(join(tmpdir(), 'ymir-dataset-'))
  const uploads = join(home, 'uploads')
  await mkdir(uploads)
  const identity = await startIdentity()
  const { database, url, schema, close } = await openTestDatabase('dataset', {
    entities,
    migrations: [...busMigrations, ...migrations],
  })
  const blobs = await openBlobs(join(home, 'blobs'))
  const importSettings = { ...readImportSettings({ home, blobs: join(home, 'blobs') }, {}), ...chosen }
  const bus = await openBus({ service: 'dataset', natsUrl, database })
  const imports = new Imports({ database, bus, blobs, uploads }, importSettings)
  const manifests = new Manifests(database, blobs)
  const hashing = new Hashing({ database, blobs })
  const graph = new GraphClient({ gatewayUrl: identity.url, secret, service: 'dataset' })
  const collection = new GarbageCollection({ database, blobs, holders: holdersInTheGraph(graph) })
  const usage = new StorageUsage({ database, blobs, blobPlace: join(home, 'blobs') })
  const requests = new VersionRequests({ database, bus, blobs })
  const services: DatasetServices = {
    database,
    bus,
    blobs,
    uploads,
    thumbnails: new Thumbnails(join(home, 'thumbnails'), blobs),
    imports,
    manifests,
    hashIndex: new HashIndex(),
    collection,
    usage,
  }
  const configuration = {
    service: 'dataset',
    host: '127.0.0.1',
    port: 0,
    databaseUrl: url,
    natsUrl,
    gatewayUrl: identity.url,
    secret,
    home,
    blobs: join(home, 'blobs'),
    uploads,
  }
  requests.listen()
  listenForLineage(bus)
  listenForPredictions(bus, blobs)
  await bus.start()
  const mining = await openNeighbour('mining', natsUrl)
  const neighbours = [mining]
  await requests.start()
  const server = await serveSubgraph({ configuration, subgraph, context: services, routes })
  const origin = `http://127.0.0.1:${server.port}`

  const get = (
    path: string,
    caller: Caller,
    headers: Record<string, string> = {},
    redirect: 'follow' | 'manual' = 'follow',
  ) =>
    fetch(origin + path, {
      redirect,
      headers: {
        ...headers,
        [CALLER_HEADER]: signIdentity(caller, { method: 'GET', path, body: '' }, secret),
      },
    })

  const ask = async (query: string, variables: object, caller: Caller): Promise<Answer> => {
    const body = JSON.stringify({ query, variables })
    const signature = signIdentity(caller, { method: 'POST', path: '/graphql', body }, secret)
    const headers = { 'content-type': 'application/json', [CALLER_HEADER]: signature }
    const response = await fetch(`${origin}/graphql`, { method: 'POST', headers, body })
    return (await response.json()) as Answer // GraphQL over HTTP
  }

  const upload = async (bytes: Uint8Array, userId: string): Promise<string> => {
    const id = randomUUID()
    await writeFile(join(uploads, id), bytes)
    await writeFile(
      join(uploads, `${id}.json`),
      JSON.stringify({ id, size: bytes.length, metadata: { userId } }),
    )
    return id
  }

  /** Imports any source through the graph and waits for its end. */
  const importFrom = async (
    input: { projectId: string } & Record<string, unknown>,
    owner: UserCaller,
    { timeoutMs = 20_000 } = {},
  ) => {
    const named = input.datasetId ? input : { name: `set ${randomUUID()}`, ...input }
    const { data, errors } = await ask(importMutation, { input: named }, owner)
    if (errors) throw new Error(errors[0]?.message)
    const { id } = data.importDataset.import
    const ended = async () => {
      const answer = await ask(importQuery, { id }, owner)
      const found = answer.data.import
      return ['QUEUED', 'RUNNING'].includes(found.state) ? undefined : found
    }
    return waitUntil(`import ${id} to end`, ended, { timeoutMs })
  }

  return {
    ...services,
    hashing,
    /** For another process that works on the same. */
    place: { url, schema, natsUrl, home },
    grants: identity.grants,
    heldPhotos: identity.heldPhotos,
    home,
    ask,
    get,
    upload,

    /** Another service asks for a version, by event. */
    request: (wanted: MessageInitShape<typeof DatasetVersionRequestedSchema>) =>
      mining.emit(DatasetVersionRequestedSchema, wanted),

    /** Another service says something. */
    say: async <Schema extends EventSchema>(
      writer: string,
      schema: Schema,
      data: MessageInitShape<Schema>,
    ): Promise<void> => {
      const neighbour = writer === 'mining' ? mining : await openNeighbour(writer, natsUrl)
      await neighbour.emit(schema, data)
      if (neighbour !== mining) neighbours.push(neighbour)
    },

    /** A project and its owner. */
    aProject: async (classes: string[] = ['cell']): Promise<{ projectId: string; owner: UserCaller }> => {
      const user = aUser()
      const { data, errors } = await ask(
        `mutation ($input: CreateProjectInput!) { createProject(input: $input) { project { id } } }`,
        { input: { name: 'a project', classes } },
        user,
      )
      if (errors) throw new Error(errors[0]?.message)
      const projectId: string = data.createProject.project.id
      return { projectId, owner: { ...user, memberships: { [projectId]: 'OWNER' } } }
    },

    /** Imports an archive through the graph and waits for its end. */
    importArchive: async (
      bytes: Uint8Array,
      input: { projectId: string } & Record<string, unknown>,
      owner: UserCaller,
    ) => importFrom({ ...input, uploadId: await upload(bytes, owner.userId) }, owner),

    importFrom,

    stop: async () => {
      await server.stop()
      await imports.stop()
      await requests.stop()
      await bus.stop()
      for (const neighbour of neighbours) await neighbour.stop()
      await close()
      await graph.close()
      await identity.stop()
      await rm(home, { recursive: true })
    },
  }
}

const importMutation = `mutation ($input: ImportDatasetInput!) { importDataset(input: $input) { import { id state } } }`
const importQuery = `query ($id: ID!) {
  import(id: $id) {
    id state progress problem reportUrl
    dataset { id name latestVersion { id } }
    version { id number root assetCount annotationCount negativeCount labels { label annotationCount assetCount } manifest { sha256 size } }
    report {
      assetCount annotationCount skippedItemCount duplicateCount unknownLabels problemCount predictionCount format
      problems { file line field found problem remedy outcome }
    }
  }
}`

/** Another service's side of the bus, with a schema of its own. */
async function openNeighbour(service: string, natsUrl: string) {
  const { database, close } = await openTestDatabase(service, { entities: [], migrations: busMigrations })
  const bus = await openBus({ service, natsUrl, database })
  await bus.start()
  return {
    emit: <Schema extends EventSchema>(schema: Schema, data: MessageInitShape<Schema>) =>
      database.transaction((manager) => bus.emit(manager, schema, data)),
    stop: async () => {
      await bus.stop()
      await close()
    },
  }
}

/** Answers what the dataset service asks of the graph, and notes it. */
export async function startIdentity() {
  const grants: { projectId: string; userId: string }[] = []
  const heldPhotos: string[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      const { query, variables } = JSON.parse(body) as {
        query: string
        variables: { projectId: string; userId: string }
      }
      if (query.includes('grantProject')) grants.push(variables)
      response.setHeader('content-type', 'application/json')
      response.end(
        JSON.stringify({ data: { membership: null, heldPhotos, grantProject: { membership: variables } } }),
      )
    })
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo // listens on a port
  return {
    url: `http://127.0.0.1:${port}`,
    grants,
    heldPhotos,
    stop: () => new Promise((stopped) => void server.close(stopped)),
  }
}
