/**
 * A thousand subscribers watch one job: how long from the event to each of them, and how many deliveries a second.
 *
 *   npx tsx bench/subscription-fan-out.bench.ts
 *
 * nats-server, the services and the gateway are processes of their own; this one has all the clients and says the
 * events, so one clock measures both ends. The limit is the product's: p99 under 100 ms with 1,000 subscribers.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { connectToNats } from '@ymir/bus'
import { startNats } from '@ymir/deploy'
import { encodeEvent, JobProgressedSchema, subjectOf, typeOf } from '@ymir/proto-events'
import { waitUntil } from '@ymir/service'
import { headers, type NatsConnection } from 'nats'
import WebSocket from 'ws'

const secret = 'the secret of a bench, which is long enough'
const subscriberCount = 1_000
const limitMs = 100
const job = { projectId: 'p1', jobId: 'job0' }
/** Filled from the graph for every event, once for all who share the rights. */
const query = 'subscription { jobProgress(jobId: "job0") { progress state job { model project { name } } } }'

/** Progress of event n, so that a client knows when its news was said. */
const progressOf = (event: number) => event / 1_000_000

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'ymir-bench-'))
  const children: ChildProcess[] = []
  const nats = await startNats({ home: folder })
  const bus = await connectToNats(nats.url, 'bench')
  try {
    const url = await startGateway(children, folder, nats.url)
    const subscribers = await subscribeAll(url)
    console.log(`${subscriberCount} subscribers are connected and have their snapshot`)
    await steady(bus, subscribers, { perSecond: 5, seconds: 3 }) // not measured: compiles, plans, connects

    const { latencies, perSecond, told } = await steady(bus, subscribers, { perSecond: 10, seconds: 10 })
    const [median, p99] = [quantile(latencies, 0.5), quantile(latencies, 0.99)]
    const whole = ((100 * latencies.length) / (told * subscriberCount)).toFixed(1)
    console.log(
      `event to subscriber: median ${median.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms, longest ` +
        `${quantile(latencies, 1).toFixed(0)} ms; ${told} events, ${whole} % delivered (a newer one replaces the rest)`,
    )
    const flat = await steady(bus, subscribers, { perSecond: 100, seconds: 5 })
    console.log(`at 100 events/s, which conflate: ${flat.perSecond.toFixed(0)} deliveries/s`)
    console.log(
      `bench subscription-fan-out: ${(p99 / limitMs).toFixed(2)} of the limit of ${limitMs} ms from event to ` +
        `${subscriberCount} subscribers (p99 ${p99.toFixed(0)} ms at ${perSecond.toFixed(0)} deliveries/s)`,
    )
    for (const { socket } of subscribers) socket.terminate()
  } finally {
    await bus.close()
    for (const child of children) child.kill('SIGTERM')
    await nats.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Subscriber {
  readonly socket: WebSocket
  /** Told of each payload's progress. */
  hear: (progress: number) => void
}

async function subscribeAll(url: string): Promise<Subscriber[]> {
  let ready = 0
  const subscribers = Array.from({ length: subscriberCount }, (): Subscriber => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws')
    const subscriber: Subscriber = { socket, hear: () => ready++ }
    const send = (message: object) => socket.send(JSON.stringify(message))
    socket.on('open', () => send({ type: 'connection_init', payload: { token: 'bench' } }))
    socket.on('error', (error) => {
      throw error
    })
    socket.on('message', (bytes: Buffer) => {
      const text = bytes.toString()
      const progress = /"progress":([\d.e-]+)/.exec(text)?.[1]
      if (progress !== undefined) return subscriber.hear(Number(progress))
      if (text.includes('connection_ack')) return send({ id: '1', type: 'subscribe', payload: { query } })
      if (text.includes('errors') || text.includes('"error"')) throw new Error(`the gateway says ${text}`)
      if (text.includes('"ping"')) send({ type: 'pong' })
    })
    return subscriber
  })
  await waitUntil('all snapshots', () => ready === subscriberCount, { timeoutMs: 60_000 })
  return subscribers
}

let said = 0

/** Says events at a steady rate and hears them with all subscribers. */
async function steady(
  bus: NatsConnection,
  subscribers: readonly Subscriber[],
  { perSecond, seconds }: { perSecond: number; seconds: number },
): Promise<{ latencies: Float64Array; perSecond: number; told: number }> {
  const latencies: number[] = []
  const saidAt = new Map<number, number>()
  let newest = 0
  for (const subscriber of subscribers)
    subscriber.hear = (progress) => {
      const at = saidAt.get(progress)
      if (at !== undefined) latencies.push(performance.now() - at)
      if (progress === newest) atEnd++
    }
  let atEnd = 0
  const count = perSecond * seconds
  const start = performance.now()
  for (let event = 0; event < count; event++) {
    await delay(Math.max(0, start + (event * 1000) / perSecond - performance.now()))
    newest = progressOf(++said)
    atEnd = 0
    saidAt.set(newest, performance.now())
    say(bus, newest)
  }
  await waitUntil('all to have the newest', () => atEnd === subscribers.length, { timeoutMs: 30_000 })
  const elapsed = (performance.now() - start) / 1000
  return { latencies: Float64Array.from(latencies), perSecond: latencies.length / elapsed, told: count }
}

function say(bus: NatsConnection, progress: number): void {
  const data = encodeEvent(JobProgressedSchema, { ...job, progress })
  const sent = headers()
  const envelope = {
    ...{ specversion: '1.0', id: randomUUID(), type: typeOf(JobProgressedSchema), source: '/ymir/executor' },
    ...{ time: new Date().toISOString(), subject: job.jobId, projectid: job.projectId },
  }
  for (const [name, value] of Object.entries(envelope)) sent.set(`ce-${name}`, value)
  bus.publish(subjectOf('executor', JobProgressedSchema, job.projectId, job.jobId), JSON.stringify(data), {
    headers: sent,
  })
}

async function startGateway(children: ChildProcess[], folder: string, natsUrl: string): Promise<string> {
  const services = start(children, ['gateway/src/testing/serve.main.ts', folder, secret])
  const places = JSON.parse(await firstLine(services, /^\{/)) as {
    supergraph: string
    services: Record<string, string>
  } // printed by that program
  const addresses = Object.entries({ mining: 'http://127.0.0.1:9', ...places.services })
  const gateway = start(children, ['gateway/src/main.ts'], {
    YMIR_PORT: '0',
    YMIR_NATS_URL: natsUrl,
    YMIR_SECRET: secret,
    YMIR_HOME: folder,
    YMIR_SUPERGRAPH: places.supergraph,
    ...Object.fromEntries(addresses.map(([name, url]) => [`YMIR_${name.toUpperCase()}_URL`, url])),
  })
  const line = await firstLine(gateway, /gateway listens port=/)
  return `http://127.0.0.1:${line.split('=').at(-1)}`
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

async function firstLine(child: ChildProcess, fits: RegExp): Promise<string> {
  if (!child.stdout) throw new Error('the process has no output')
  for await (const line of createInterface(child.stdout)) if (fits.test(line)) return line
  throw new Error(`the process ended without a line like ${fits}`)
}

function quantile(values: Float64Array, part: number): number {
  return values.toSorted()[Math.min(values.length - 1, Math.floor(values.length * part))] ?? NaN
}

await main()
