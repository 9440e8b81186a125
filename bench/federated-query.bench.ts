/**
 * A page of jobs joined over two services: our gateway, which pools its connections, against @apollo/gateway as its
 * manual sets it up (RemoteGraphQLDataSource with the default fetcher, Apollo's standalone server), before the same
 * services, in the same run.
 *
 *   npx tsx bench/federated-query.bench.ts
 *
 * Services and gateways are processes of their own; this one asks, with 20 clients at a time. The two gateways are asked
 * in turns, so that both see the same weather. Ours does more for a request: it looks up the token and checks limits.
 */
import { readFileSync } from 'node:fs'
import { ApolloGateway, RemoteGraphQLDataSource } from '@apollo/gateway'
import { ApolloServer } from '@apollo/server'
import { startStandaloneServer } from '@apollo/server/standalone'
import { CALLER_HEADER, signIdentity, type Caller } from '@ymir/graphql'
import { Pool } from 'undici'
import { firstLine, quantile, secret, startGatewayProcesses, type Places } from './gateway-processes.ts'

const clients = 20
const pageSize = 20
const roundMs = 2_500
const rounds = 5
const query = 'query Bench($first: Int!) { jobs(first: $first) { id state progress model } }'

async function main(): Promise<void> {
  const processes = await startGatewayProcesses()
  try {
    const ours = `${processes.url}/graphql`
    const peer = processes.start(['bench/federated-query.bench.ts', 'peer', JSON.stringify(processes.places)])
    const theirs = await firstLine(peer, /^http:/)

    const results = { ours: [] as Round[], theirs: [] as Round[] }
    await ask(ours, roundMs) // not measured: compiles, plans, connects
    await ask(theirs, roundMs)
    for (let round = 0; round < rounds; round++) {
      results.ours.push(await ask(ours, roundMs))
      results.theirs.push(await ask(theirs, roundMs))
    }
    const [we, they] = [summary(results.ours), summary(results.theirs)]
    console.log(`ours: ${said(we)}`)
    console.log(`default set-up: ${said(they)}`)
    console.log(
      `bench federated-query: ${(we.perSecond / they.perSecond).toFixed(2)} x the queries per second of the default ` +
        `set-up (${we.perSecond.toFixed(0)}/s against ${they.perSecond.toFixed(0)}/s; pages of ${pageSize} jobs joined ` +
        `over two services, ${clients} clients)`,
    )
  } finally {
    await processes.stop()
  }
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
  /** Each query's time in ms. */
  readonly times: readonly number[]
}

async function ask(url: string, forMs: number): Promise<Round> {
  const { origin, pathname: path } = new URL(url)
  const pool = new Pool(origin, { connections: clients })
  const body = JSON.stringify({ query, variables: { first: pageSize } })
  const headers = { 'content-type': 'application/json', authorization: 'Bearer bench' }
  const last = `"model":"model of job${pageSize - 1}"`
  const times: number[] = []
  const start = performance.now()
  const client = async () => {
    while (performance.now() - start < forMs) {
      const began = performance.now()
      const answer = await pool.request({ path, method: 'POST', headers, body })
      const text = await answer.body.text()
      times.push(performance.now() - began)
      if (!text.includes(last)) throw new Error(`${url} answered ${text}`)
    }
  }
  await Promise.all(Array.from({ length: clients }, client))
  const seconds = (performance.now() - start) / 1000
  await pool.close()
  return { perSecond: times.length / seconds, times }
}

interface Summary {
  /** Of the median round. */
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
}

function summary(all: readonly Round[]): Summary {
  const times = all.flatMap((round) => round.times)
  return {
    perSecond: quantile(
      all.map(({ perSecond }) => perSecond),
      0.5,
    ),
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99),
  }
}

const said = ({ perSecond, p50, p99 }: Summary) =>
  `${perSecond.toFixed(0)} queries/s (median of ${rounds} rounds), p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms`

const [role, places] = process.argv.slice(2)
if (role === 'peer') await servePeer(JSON.parse(places ?? '') as Places)
else await main()
