import { join } from 'node:path'
import { openBlobs } from '@ymir/blobs'
import { busMigrations, openBus } from '@ymir/bus'
import { openDatabase } from '@ymir/database'
import { GraphClient, serveSubgraph } from '@ymir/graphql'
import { readConfiguration, stopOnSignal } from '@ymir/service'
import { Thumbnails } from './asset/thumbnail.ts'
import type { DatasetServices } from './context.ts'
import { entities } from './entities.ts'
import { Imports } from './import/imports.ts'
import { startAhead } from './import/in-worker.ts'
import { readImportSettings } from './import/settings.ts'
import { listenForLineage } from './lineage/lineage.events.ts'
import { migrations } from './migrations.ts'
import { listenForPredictions } from './prediction/prediction.events.ts'
import { routes } from './routes.ts'
import { HashIndex } from './similarity/hash-index.ts'
import { Hashing } from './similarity/hashing.ts'
import { GarbageCollection } from './storage/collection.ts'
import { DailyCollection } from './storage/daily.ts'
import { holdersInTheGraph } from './storage/holders.ts'
import { StorageUsage } from './storage/usage.ts'
import { subgraph } from './subgraph.ts'
import { Manifests } from './version/manifest.ts'
import { VersionRequests } from './version/requests.ts'

const configuration = readConfiguration('dataset')
const { databaseUrl: url, natsUrl, uploads } = configuration
const database = await openDatabase({
  url,
  schema: 'dataset',
  entities,
  migrations: [...busMigrations, ...migrations],
})
const blobs = await openBlobs(configuration.blobs)
const bus = await openBus({ service: 'dataset', natsUrl, database })
const imports = new Imports({ database, bus, blobs, uploads }, readImportSettings(configuration))
const manifests = new Manifests(database, blobs)
const hashing = new Hashing({ database, blobs })
const graph = new GraphClient(configuration)
const collection = new GarbageCollection({ database, blobs, holders: holdersInTheGraph(graph) })
const usage = new StorageUsage({ database, blobs, blobPlace: configuration.blobs })
const dailyCollection = new DailyCollection(collection)
const hashIndex = new HashIndex()
const requests = new VersionRequests({ database, bus, blobs })
const thumbnails = new Thumbnails(join(configuration.home, 'thumbnails'), blobs)

requests.listen()
listenForLineage(bus)
listenForPredictions(bus, blobs)
await bus.start()
await requests.start()
imports.whenEnded(hashing.look)
await imports.start()
hashing.start()
dailyCollection.start()
const context: DatasetServices = {
  database,
  bus,
  blobs,
  uploads,
  thumbnails,
  imports,
  manifests,
  hashIndex,
  collection,
  usage,
}
const server = await serveSubgraph({ configuration, subgraph, context, routes })
startAhead()
stopOnSignal(
  () => server.stop(),
  () => dailyCollection.stop(),
  () => hashing.stop(),
  () => imports.stop(),
  () => requests.stop(),
  () => bus.stop(),
  () => graph.close(),
  () => database.destroy(),
)
