import { openBlobs } from '@ymir/blobs'
import { busMigrations, openBus } from '@ymir/bus'
import { openDatabase } from '@ymir/database'
import { GraphClient, serveSubgraph } from '@ymir/graphql'
import { readConfiguration, stopOnSignal } from '@ymir/service'
import { Confusions } from './evaluation/confusion.ts'
import { Evaluator } from './evaluation/evaluator.ts'
import { listen } from './events.ts'
import { migrations } from './migrations.ts'
import { modelFileRoutes } from './package/model-files.route.ts'
import { entities, subgraph } from './subgraph.ts'

const configuration = readConfiguration('model')
const database = await openDatabase({
  url: configuration.databaseUrl,
  schema: 'model',
  entities,
  migrations: [...busMigrations, ...migrations],
})
const bus = await openBus({ service: 'model', natsUrl: configuration.natsUrl, database })
const blobs = await openBlobs(configuration.blobs)
const graph = new GraphClient(configuration)
const evaluator = new Evaluator({ database, bus, graph, blobs })
listen(bus, graph, evaluator)
const confusions = new Confusions(blobs)
const context = { database, bus, blobs, uploads: configuration.uploads, confusions }
const server = await serveSubgraph({ configuration, subgraph, context, routes: modelFileRoutes })
await bus.start()
evaluator.look()
stopOnSignal(server.stop, evaluator.stop, bus.stop, graph.close.bind(graph), () => database.destroy())
