import { openBlobs } from '@ymir/blobs'
import { busMigrations, openBus } from '@ymir/bus'
import { openDatabase } from '@ymir/database'
import { GraphClient, serveSubgraph } from '@ymir/graphql'
import { readConfiguration, stopOnSignal } from '@ymir/service'
import { Chores } from './chores.ts'
import { listen } from './events.ts'
import { migrations } from './migrations.ts'
import { entities, labelMutations, subgraph } from './subgraph.ts'

const configuration = readConfiguration('labeling')
const database = await openDatabase({
  url: configuration.databaseUrl,
  schema: 'labeling',
  entities,
  migrations: [...busMigrations, ...migrations],
})
const bus = await openBus({ service: 'labeling', natsUrl: configuration.natsUrl, database })
const graph = new GraphClient(configuration)
const chores = new Chores({ database, bus, graph, blobs: await openBlobs(configuration.blobs) })
listen(bus, chores)
const context = { database, bus, chores }
const server = await serveSubgraph({ configuration, subgraph, context, labelMutations })
await bus.start()
chores.start()
stopOnSignal(server.stop, chores.stop, bus.stop, graph.close.bind(graph), () => database.destroy())
