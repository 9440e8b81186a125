import { openBlobs } from '@ymir/blobs'
import { busMigrations, openBus } from '@ymir/bus'
import { openDatabase } from '@ymir/database'
import { GraphClient, serveSubgraph } from '@ymir/graphql'
import { readConfiguration, stopOnSignal } from '@ymir/service'
import { Chores } from './chores.ts'
import { listen } from './events.ts'
import { migrations } from './migrations.ts'
import { entities, labelMutations, subgraph } from './subgraph.ts'
import { VendorDoors } from './vendor/vendor-doors.ts'

const configuration = readConfiguration('labeling')
const database = await openDatabase({
  url: configuration.databaseUrl,
  schema: 'labeling',
  entities,
  migrations: [...busMigrations, ...migrations],
})
const bus = await openBus({ service: 'labeling', natsUrl: configuration.natsUrl, database })
const graph = new GraphClient(configuration)
const vendorDoors = await VendorDoors.connect({
  ...configuration,
  database,
  bus,
  allowPrivateUrls: process.env.YMIR_VENDOR_PRIVATE_URLS === '1',
  onResults: (task) => chores.wake(task),
})
const blobs = await openBlobs(configuration.blobs)
const { cipher, outward, look } = vendorDoors
const pollSeconds = Number(process.env.YMIR_CONNECTOR_POLL_SECONDS) || 60
const vendors = { cipher, outward, look, pollSeconds }
const chores: Chores = new Chores({ database, bus, graph, blobs, vendors })
listen(bus, chores)
const context = { database, bus, chores, vendorDoors }
const server = await serveSubgraph({ configuration, subgraph, context, labelMutations })
await bus.start()
chores.start()
await vendorDoors.start()
stopOnSignal(server.stop, chores.stop, vendorDoors.stop, bus.stop, graph.close.bind(graph), () =>
  database.destroy(),
)
