import { openBlobs } from '@ymir/blobs'
import { busMigrations, openBus } from '@ymir/bus'
import { openDatabase } from '@ymir/database'
import { GraphClient, serveSubgraph } from '@ymir/graphql'
import { readConfiguration, stopOnSignal } from '@ymir/service'
import { listen } from './events.ts'
import { migrations } from './migrations.ts'
import { entities, subgraph } from './subgraph.ts'
import { Selection } from './task/selection.ts'

const configuration = readConfiguration('mining')
const database = await openDatabase({
  url: configuration.databaseUrl,
  schema: 'mining',
  entities,
  migrations: [...busMigrations, ...migrations],
})
const bus = await openBus({ service: 'mining', natsUrl: configuration.natsUrl, database })
const graph = new GraphClient(configuration)
const blobs = await openBlobs(configuration.blobs)
const selection = new Selection({ database, bus, graph, blobs })
listen(bus, selection)
const server = await serveSubgraph({ configuration, subgraph, context: { database, bus, blobs } })
await bus.start()
selection.look()
stopOnSignal(server.stop, selection.stop, bus.stop, () => database.destroy())
