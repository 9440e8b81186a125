import { join } from 'node:path'
import { openBlobs } from '@ymir/blobs'
import { busMigrations, openBus } from '@ymir/bus'
import { openDatabase } from '@ymir/database'
import { serveSubgraph } from '@ymir/graphql'
import { readConfiguration, stopOnSignal } from '@ymir/service'
import type { DatasetServices } from './context.ts'
import { entities } from './entities.ts'
import { Imports } from './import/imports.ts'
import { readImportSettings } from './import/settings.ts'
import { migrations } from './migrations.ts'
import { routes } from './routes.ts'
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
const blobs = openBlobs(configuration.blobs)
const bus = await openBus({ service: 'dataset', natsUrl, database })
const imports = new Imports({ database, bus, blobs, uploads }, readImportSettings(configuration))
const manifests = new Manifests(database, blobs)
const requests = new VersionRequests({ database, bus, blobs })
const thumbnails = join(configuration.home, 'thumbnails')

requests.listen()
await bus.start()
await requests.start()
await imports.start()
const context: DatasetServices = { database, bus, blobs, uploads, thumbnails, imports, manifests }
const server = await serveSubgraph({ configuration, subgraph, context, routes })
stopOnSignal(
  () => server.stop(),
  () => imports.stop(),
  () => requests.stop(),
  () => bus.stop(),
  () => database.destroy(),
)
