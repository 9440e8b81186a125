/**
 * A query over three services: our gateway, which pools its connections, against @apollo/gateway as its manual sets it up
 * (RemoteGraphQLDataSource with the default fetcher), before the same services, in the same run.
 *
 *   npx tsx bench/federated-query.bench.ts
 *
 * Services and gateways are processes of their own; this one asks, with 20 clients at a time. The two gateways are asked
 * in turns, so that both see the same weather. Ours does more for a request: it looks up the token and checks limits.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { ApolloGateway, RemoteGraphQLDataSource } from '@apollo/gateway'
import { ApolloServer } from '@apollo/server'
import { startStandaloneServer } from '@apollo/server/standalone'
import { startNats } from '@ymir/deploy'
import { CALLER_HEADER, signIdentity, type Caller } from '@ymir/graphql'
import { Pool } from 'undici'

const secret = 'the secret of a bench, which is long enough'
const clients = 20
const roundMs = 2_500
const rounds = 4
const query = 'query Bench($id: ID!) { job(id: $id) { id state progress model project { id name } } }'

interface Places {
  readonly supergraph: string
  readonly services: Readonly<Record<string, string>>
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'ymir-bench-'))
  const children: ChildProcess[] = []
  const nats = await startNats({ home: folder })
  try {
    const services = start(children, ['gateway/src/testing/serve.main.ts', folder, secret])
    const places = JSON.parse(await firstLineOfJson(services)) as Places // printed by the line before its end
    const ours = await startOurs(children, places, folder, nats.url)
    const peer = start(children, ['bench/federated-query.bench.ts', 'peer', JSON.stringify(places)])
    const theirs = await firstLine(peer, /^http:/)

    const results = { ours: [] as Round[], theirs: [] as Round[] }
    await ask(ours, roundMs) // not measured: compiles, plans, connects
    await ask(theirs, roundMs)
    for (let round = 0; round < rounds; round++) {
      results.ours.push(await ask(ours, roundMs))
      results.theirs.push(await ask(theirs, roundMs))
    }
    const [we, they] = [summary(results.ours), summary(results.theirs)]
    console.log(`ours: ${we.perSecond.toFixed(0)} queries/s, p99 ${we.p99.toFixed(0)} ms`)
    console.log(`default set-up: ${they.perSecond.toFixed(0)} queries/s, p99 ${they.p99.toFixed(0)} ms`)
    console.log(
      `bench federated-query: ${(we.perSecond / they.perSecond).toFixed(2)} x the queries per second of the default ` +
        `set-up (${we.perSecond.toFixed(0)}/s against ${they.perSecond.toFixed(0)}/s, ${clients} clients)`,
    )
  } finally {
    for (const child of children) child.kill('SIGTERM')
    await nats.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function startOurs(
  children: ChildProcess[],
  places: Places,
  folder: string,
  natsUrl: string,
): Promise<string> {
  const addresses = Object.entries({ mining: 'http://127.0.0.1:9', ...places.services })
  const gateway = start(children, ['gateway/src/main.ts'], {
    YMIR_PORT: '0',
    YMIR_NATS_URL: natsUrl,
    YMIR_SECRET: secret,
    YMIR_HOME: folder,
    YMIR_SUPERGRAPH: places.supergraph,
    ...Object.fromEntries(addresses.map(([name, url]) => [`YMIR_${name.toUpperCase()}_URL`, url])),
  })
  const said = await firstLine(gateway, /gateway listens port=/)
  return `http://127.0.0.1:${said.split('=').at(-1)}`
}

/** The default set-up: what @apollo/gateway's manual shows, with the header that our services want. */
async function servePeer({ supergraph, services }: Places): Promise<void> {
  const caller: Caller = {
    ...{ kind: 'user', userId: 'bench', role: 'MEMBER', scopes: ['read'] },
    memberships: { p1: 'VIEWER' },
  }
  class Signing extends RemoteGraphQLDataSource {
    override willSendRequest({
      request,
    }: Parameters<NonNullable<RemoteGraphQLDataSource['willSendRequest']>>[0]) {
      const { http: _, ...sent } = request
      const body = JSON.stringify(sent) // as RemoteGraphQLDataSource sends it
      request.http?.headers.set(
        CALLER_HEADER,
        signIdentity(caller, { method: 'POST', path: '/graphql', body }, secret),
      )
    }
  }
  const gateway = new ApolloGateway({
    supergraphSdl: readFileSync(supergraph, 'utf8'),
    buildService: ({ name }) => new Signing({ url: `${services[name]}/graphql` }),
  })
  const { url } = await startStandaloneServer(new ApolloServer({ gateway }), {
    listen: { port: 0, host: '127.0.0.1' },
  })
  console.log(url)
}

interface Round {
  readonly perSecond: number
  readonly times: readonly number[]
}

async function ask(url: string, forMs: number): Promise<Round> {
  const { origin, pathname } = new URL(url)
  const path = pathname === '/' && origin === url ? '/graphql' : pathname
  const pool = new Pool(origin, { connections: clients })
  const times: number[] = []
  const start = performance.now()
  const one = async (client: number) => {
    for (let asked = client; performance.now() - start < forMs; asked++) {
      const id = `job${asked % 100}`
      const began = performance.now()
      const { body } = await pool.request({
        ...{ path, method: 'POST' },
        headers: { 'content-type': 'application/json', authorization: 'Bearer bench' },
        body: JSON.stringify({ query, variables: { id } }),
      })
      const text = await body.text()
      times.push(performance.now() - began)
      if (!text.includes(`"model":"model of ${id}"`)) throw new Error(`${url} answered ${text}`)
    }
  }
  await Promise.all(Array.from({ length: clients }, (_, client) => one(client)))
  const seconds = (performance.now() - start) / 1000
  await pool.close()
  return { perSecond: times.length / seconds, times }
}

function summary(all: readonly Round[]): { perSecond: number; p99: number } {
  const perSecond = all.map((round) => round.perSecond).toSorted((one, other) => one - other)
  const times = all.flatMap((round) => round.times).toSorted((one, other) => one - other)
  const middle = (perSecond[(perSecond.length - 1) >> 1]! + perSecond[perSecond.length >> 1]!) / 2
  return { perSecond: middle, p99: times[Math.floor(times.length * 0.99)]! }
}

function start(
  children: ChildProcess[],
  program: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): ChildProcess {
  const child = spawn(process.execPath, ['--import', 'tsx', ...program], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    env: { ...process.env, NODE_ENV: 'production', ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  return child
}

const firstLineOfJson = (child: ChildProcess) => firstLine(child, /^\{/)

async function firstLine(child: ChildProcess, fits: RegExp): Promise<string> {
  if (!child.stdout) throw new Error('the process has no output')
  for await (const line of createInterface(child.stdout)) if (fits.test(line)) return line
  throw new Error(`the process ended without a line like ${fits}`)
}

const [role, places] = process.argv.slice(2)
if (role === 'peer') await servePeer(JSON.parse(places ?? '') as Places)
else await main()
