/**
 * A thousand subscribers watch one job: how long from an event on the bus to each of them.
 *
 *   npx tsx bench/subscription-fan-out.bench.ts
 *
 * nats-server, the services and the gateway are processes of their own; this one has all the clients and says the
 * events, so one clock measures both ends. The limit is the product's: p99 under 100 ms with 1,000 subscribers. The peer
 * is a plain graphql-ws server on the same bus: one execution for each subscriber, the rest of the payload asked from the
 * same graph. Both are given one event at a time, the next when the last subscriber has it.
 */
import { randomUUID } from 'node:crypto'
import { EventEmitter, on } from 'node:events'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { connectToNats } from '@ymir/bus'
import { encodeEvent, JobProgressedSchema, subjectOf, typeOf } from '@ymir/proto-events'
import { waitUntil } from '@ymir/service'
import { buildSchema } from 'graphql'
import { useServer } from 'graphql-ws/use/ws'
import { headers, type NatsConnection } from 'nats'
import { Pool } from 'undici'
import WebSocket, { WebSocketServer } from 'ws'
import { firstLine, quantile, startGatewayProcesses } from './gateway-processes.ts'

const subscriberCount = 1_000
const limitMs = 100
const job = { projectId: 'p1', jobId: 'job0' }
const subject = subjectOf('executor', JobProgressedSchema, job.projectId, job.jobId)
/** Filled from the graph for every event, once for all who share the rights. */
const query = 'subscription { jobProgress(jobId: "job0") { progress state job { model project { name } } } }'

async function main(): Promise<void> {
  const processes = await startGatewayProcesses()
  const bus = await connectToNats(processes.natsUrl, 'bench')
  try {
    const alone = await subscribeAll(processes.url, 1)
    await steady(bus, alone, { perSecond: 10, seconds: 2 }) // not measured: compiles, plans, connects
    const one = await steady(bus, alone, { perSecond: 10, seconds: 5 })
    console.log(`1 subscriber: event to subscriber ${said(one.latencies)}`)
    leave(alone)

    const subscribers = await subscribeAll(processes.url, subscriberCount)
    await steady(bus, subscribers, { perSecond: 5, seconds: 3 })
    const { latencies, perSecond, told } = await steady(bus, subscribers, { perSecond: 10, seconds: 10 })
    const whole = ((100 * latencies.length) / (told * subscriberCount)).toFixed(1)
    console.log(
      `${subscriberCount} subscribers, 10 events/s: event to subscriber ${said(latencies)}; ` +
        `${whole} % delivered (a newer one replaces the rest)`,
    )
    const flat = await steady(bus, subscribers, { perSecond: 100, seconds: 5 })
    console.log(
      `${subscriberCount} subscribers, 100 events/s, which conflate: ${flat.perSecond.toFixed(0)} deliveries/s, ` +
        said(flat.latencies),
    )
    const ours = await oneByOne(bus, subscribers, 20)
    leave(subscribers)

    const peer = processes.start([
      'bench/subscription-fan-out.bench.ts',
      'peer',
      processes.natsUrl,
      processes.url,
    ])
    const theirSubscribers = await subscribeAll(await firstLine(peer, /^http:/), subscriberCount)
    await oneByOne(bus, theirSubscribers, 5) // not measured
    const theirs = await oneByOne(bus, theirSubscribers, 10)
    leave(theirSubscribers)
    console.log(`ours, one event at a time: ${said(ours)}`)
    console.log(`one execution for each subscriber, one event at a time: ${said(theirs)}`)

    const p99 = quantile(latencies, 0.99)
    console.log(
      `bench subscription-fan-out: p99 ${p99.toFixed(0)} ms from event to ${subscriberCount} subscribers, ` +
        `${(p99 / limitMs).toFixed(2)} of the limit of ${limitMs} ms (${perSecond.toFixed(0)} deliveries/s); ` +
        `${(quantile(theirs, 0.5) / quantile(ours, 0.5)).toFixed(1)} x as fast (medians) as one execution for each subscriber`,
    )
  } finally {
    await bus.close()
    await processes.stop()
  }
}

const said = (latencies: readonly number[]) =>
  [0.5, 0.95, 0.99].map((part) => `p${part * 100} ${quantile(latencies, part).toFixed(1)} ms`).join(', ') +
  `, longest ${quantile(latencies, 1).toFixed(0)} ms`

interface Subscriber {
  readonly socket: WebSocket
  /** Told of each payload's progress. */
  hear: (progress: number) => void
}

async function subscribeAll(url: string, count: number): Promise<Subscriber[]> {
  let ready = 0
  const subscribers = Array.from({ length: count }, (): Subscriber => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws')
    const subscriber: Subscriber = { socket, hear: () => ready++ }
    const send = (message: object) => socket.send(JSON.stringify(message))
    socket.on('open', () => send({ type: 'connection_init', payload: { token: 'bench' } }))
    socket.on('error', (error) => {
      throw error
    })
    socket.on('message', (bytes: Buffer) => {
      const text = bytes.toString()
      if (text.includes('"errors"') || text.includes('"error"')) throw new Error(`${url} says ${text}`)
      const progress = /"progress":([\d.e-]+)/.exec(text)?.[1]
      if (progress !== undefined) return subscriber.hear(Number(progress))
      if (text.includes('connection_ack')) send({ id: '1', type: 'subscribe', payload: { query } })
      if (text.includes('"ping"')) send({ type: 'pong' })
    })
    return subscriber
  })
  await waitUntil('all snapshots', () => ready === count, { timeoutMs: 60_000 })
  return subscribers
}

function leave(subscribers: readonly Subscriber[]): void {
  for (const { socket } of subscribers) socket.terminate()
}

let events = 0
/** Progress of the next event, so that a client knows when its news was said. */
const nextProgress = () => ++events / 1_000_000

/** Says events at a steady rate and hears them with all subscribers. */
async function steady(
  bus: NatsConnection,
  subscribers: readonly Subscriber[],
  { perSecond, seconds }: { perSecond: number; seconds: number },
): Promise<{ latencies: number[]; perSecond: number; told: number }> {
  const latencies: number[] = []
  const saidAt = new Map<number, number>()
  let newest = 0
  let haveNewest = 0
  for (const subscriber of subscribers)
    subscriber.hear = (progress) => {
      const at = saidAt.get(progress)
      if (at !== undefined) latencies.push(performance.now() - at)
      if (progress === newest) haveNewest++
    }
  const count = perSecond * seconds
  const start = performance.now()
  for (let event = 0; event < count; event++) {
    await delay(Math.max(0, start + (event * 1000) / perSecond - performance.now()))
    newest = nextProgress()
    haveNewest = 0
    saidAt.set(newest, performance.now())
    say(bus, newest)
  }
  await waitUntil('all to have the newest', () => haveNewest === subscribers.length, { timeoutMs: 30_000 })
  const elapsed = (performance.now() - start) / 1000
  return { latencies, perSecond: latencies.length / elapsed, told: count }
}

/** Says each event when all subscribers have the one before. */
async function oneByOne(
  bus: NatsConnection,
  subscribers: readonly Subscriber[],
  count: number,
): Promise<number[]> {
  const latencies: number[] = []
  for (let event = 0; event < count; event++) {
    const progress = nextProgress()
    const before = latencies.length
    const at = performance.now()
    for (const subscriber of subscribers)
      subscriber.hear = (heard) => {
        if (heard === progress) latencies.push(performance.now() - at)
      }
    say(bus, progress)
    await waitUntil('all to have it', () => latencies.length === before + subscribers.length, {
      timeoutMs: 60_000,
    })
  }
  return latencies
}

function say(bus: NatsConnection, progress: number): void {
  const data = encodeEvent(JobProgressedSchema, { ...job, progress })
  const sent = headers()
  const envelope = {
    ...{ specversion: '1.0', id: randomUUID(), type: typeOf(JobProgressedSchema), source: '/ymir/executor' },
    ...{ time: new Date().toISOString(), subject: job.jobId, projectid: job.projectId },
  }
  for (const [name, value] of Object.entries(envelope)) sent.set(`ce-${name}`, value)
  bus.publish(subject, JSON.stringify(data), { headers: sent })
}

/** What most would write first: graphql-ws as its manual shows it, each subscriber executed for itself. */
async function servePeer(natsUrl: string, graphUrl: string): Promise<void> {
  const schema = buildSchema(`
    type Query { nothing: Boolean }
    type Subscription { jobProgress(jobId: ID!): JobUpdate! }
    type JobUpdate { progress: Float!, state: String!, job: Job! }
    type Job { model: String!, project: Project! }
    type Project { name: String! }
  `)
  const graph = new Pool(graphUrl, { connections: 64 })
  const askJob = async () => {
    const body = JSON.stringify({ query: '{ job(id: "job0") { model project { name } } }' })
    const sent = { 'content-type': 'application/json', authorization: 'Bearer bench' }
    const answer = await graph.request({ path: '/graphql', method: 'POST', headers: sent, body })
    return ((await answer.body.json()) as { data: { job: object } }).data.job // as asked
  }
  const news = new EventEmitter().setMaxListeners(0)
  const nats = await connectToNats(natsUrl, 'bench peer')
  nats.subscribe(subject, { callback: (_error, message) => news.emit('progress', message.json()) })

  const payload = (progress: number) => ({ jobProgress: { progress, state: 'RUNNING', job: askJob } })
  const field = schema.getSubscriptionType()?.getFields().jobProgress
  if (field)
    field.subscribe = async function* () {
      const heard = on(news, 'progress')
      yield payload(0)
      for await (const [{ progress }] of heard) yield payload(Number(progress))
    }
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, path: '/graphql' })
  useServer({ schema }, server)
  server.once('listening', () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
}

const [role, natsUrl = '', graphUrl = ''] = process.argv.slice(2)
if (role === 'peer') await servePeer(natsUrl, graphUrl)
else await main()
