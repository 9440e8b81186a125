import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { serveSubgraph } from '@ymir/graphql'
import { compose } from '../compose/compose.ts'
import { testSubgraphs } from './subgraphs.ts'
import { World } from './world.ts'

// The small services of the tests as a process of their own, for benches: `serve.main.ts <folder> <secret>` writes the
// supergraph into the folder and prints where each service listens, as one line of JSON. One user with the token
// `bench` may see project `p1` with the jobs `job0` to `job99`.

const [folder = '', secret = ''] = process.argv.slice(2)
const world = new World()
world.tokens.set('bench', { userId: 'bench' })
world.members.set('bench p1', 'VIEWER')
for (let i = 0; i < 100; i++) world.addJob(`job${i}`, 'p1', 'RUNNING')

const supergraph = join(folder, 'supergraph.graphql')
writeFileSync(supergraph, (await compose(testSubgraphs)).supergraph)
const services: Record<string, string> = {}
for (const subgraph of testSubgraphs) {
  const configuration = {
    ...{ service: subgraph.name, host: '127.0.0.1', port: 0, secret, gatewayUrl: 'http://127.0.0.1:9' },
    ...{ databaseUrl: '', natsUrl: '', home: folder, blobs: folder, uploads: folder },
  }
  const { port } = await serveSubgraph({ configuration, subgraph, context: { world } })
  services[subgraph.name] = `http://127.0.0.1:${port}`
}
console.log(JSON.stringify({ supergraph, services }))
