import { openBus } from '@ymir/bus'
import { openDatabase } from '@ymir/database'
import { serveSubgraph } from '@ymir/graphql'
import { readConfiguration, stopOnSignal } from '@ymir/service'
import { storage } from './storage.ts'
import { subgraph } from './subgraph.ts'

const configuration = readConfiguration('identity')
const database = await openDatabase({ url: configuration.databaseUrl, ...storage })
const bus = await openBus({ service: 'identity', natsUrl: configuration.natsUrl, database })
await bus.start()
const server = await serveSubgraph({ configuration, subgraph, context: { database, bus } })
stopOnSignal(server.stop, bus.stop, () => database.destroy())
