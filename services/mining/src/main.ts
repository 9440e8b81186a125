import { openBlobs } from '@ymir/blobs'
import { busMigrations, openBus } from '@ymir/bus'
import { openDatabase } from '@ymir/database'
import { GraphClient, serveSubgraph } from '@ymir/graphql'
import { readConfiguration, stopOnSignal } from '@ymir/service'
import { listen } from './events.ts'
import { Records } from './iteration/records.ts'
import { roundsRoute } from './iteration/rounds.route.ts'
import { migrations } from './migrations.ts'
import { PlanRunner } from './plan/plan-runner.ts'
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
const records = new Records({ database, bus, graph })
const planRunner = new PlanRunner({ database, bus, graph })
listen(bus, { selection, records, planRunner })
const context = { database, bus, blobs }
const server = await serveSubgraph({ configuration, subgraph, context, routes: roundsRoute })
await bus.start()
for (const chore of [selection, records, planRunner]) chore.look()
stopOnSignal(server.stop, selection.stop, records.stop, planRunner.stop, bus.stop, () => database.destroy())
