import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { JobProgressedSchema, MembershipChangedSchema } from '@ymir/proto-events'
import { waitUntil } from '@ymir/service'
import { afterAll, beforeAll, expect, test } from 'vitest'
import WebSocket from 'ws'
import { aSpeaker, newId, type TestSpeaker } from '../testing/events.ts'
import { startTestPlatform, type TestPlatform } from '../testing/platform.ts'
import { subscribe } from '../testing/received.ts'

let platform: TestPlatform
let executor: TestSpeaker
const project = newId()
const events = `subscription { projectEvents(projectId: "${project}") { id } }`

beforeAll(async () => {
  ;[platform, executor] = await Promise.all([
    startTestPlatform({ corsOrigins: ['https://ymir.example'] }),
    aSpeaker('executor'),
  ])
})
afterAll(async () => {
  await platform.stop()
  await executor.stop()
})

const open = (headers: Record<string, string> = {}) =>
  new WebSocket(`${platform.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', { headers })

/** What the gateway does with a connection that begins so: its first message, or the code it closes with. */
function answerTo(socket: WebSocket, ...messages: readonly unknown[]): Promise<unknown> {
  return new Promise((resolve, reject) => {
    socket.on('open', () => messages.forEach((message) => socket.send(JSON.stringify(message))))
    socket.on('message', (text) => {
      resolve((JSON.parse(String(text)) as { type: string }).type)
      socket.close()
    })
    socket.on('close', (code) => resolve(code))
    socket.on('error', reject)
  })
}

const begin = (payload: object = {}) => ({ type: 'connection_init', payload })

test('a connection needs a good token, from its parameters, a header or our own page’s cookie', async () => {
  const token = platform.world.signIn('ada')
  const cookie = `other=1; ymir_session=${token}`

  expect(await answerTo(open(), begin())).toBe(4403)
  expect(await answerTo(open(), begin({ token: 'guessed' }))).toBe(4403)
  expect(await answerTo(open(), begin({ authorization: 'Basic x' }))).toBe(4403)
  expect(await answerTo(open(), begin({ token }))).toBe('connection_ack')
  expect(await answerTo(open(), begin({ Authorization: `Bearer ${token}` }))).toBe('connection_ack')
  expect(await answerTo(open({ authorization: `Bearer ${token}` }), begin())).toBe('connection_ack')
  expect(await answerTo(open({ cookie, origin: platform.url }), begin())).toBe('connection_ack')
  expect(await answerTo(open({ cookie, origin: 'https://ymir.example' }), begin())).toBe('connection_ack')
  expect(await answerTo(open({ cookie, origin: 'https://evil.example' }), begin())).toBe(4403)
  expect(await answerTo(open({ cookie }), begin())).toBe(4403)
})

test('a client that breaks the protocol is closed with the protocol’s codes', async () => {
  const token = platform.world.signIn('ada')
  const subscribeEarly = { id: '1', type: 'subscribe', payload: { query: 'subscription { x }' } }

  expect(await answerTo(open(), subscribeEarly)).toBe(4401)
  expect(await answerTo(open(), { type: 'nonsense' })).toBe(4400)
  const [, second] = [begin({ token }), begin({ token })]
  const socket = open()
  const codes = new Promise((resolve) => socket.on('close', resolve))
  socket.on('open', () => [second, second].forEach((message) => socket.send(JSON.stringify(message))))
  expect(await codes).toBe(4429)
})

test('a connection ends with 4403 when its token expires', async () => {
  const token = platform.world.signIn('short', { [project]: 'VIEWER' }, new Date(Date.now() + 1_500))
  const socket = open()
  const closed = new Promise((resolve) => socket.on('close', resolve))
  socket.on('open', () => socket.send(JSON.stringify(begin({ token }))))

  expect(await closed).toBe(4403)
})

test('a member who is removed hears nothing more', async () => {
  const identity = await aSpeaker('identity')
  try {
    const token = platform.world.signIn('mole', { [project]: 'VIEWER' })
    const job = platform.world.addJob(newId(), project, 'QUEUED')
    const query = 'subscription($id: ID!) { jobProgress(jobId: $id) { state } }'
    const got = subscribe<{ state: string }>(platform.client(token), query, { id: job.id })
    await got.until('the snapshot', (payloads) => payloads.length === 1)

    platform.world.members.delete(`mole ${project}`)
    await identity.say(MembershipChangedSchema, { projectId: project, userId: 'mole', role: '' })
    await waitUntil('the subscription to be refused', got.failure)
    await executor.move(job, 'PREPARING')

    expect(got.failure()).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
    expect(got.payloads).toEqual([{ state: 'QUEUED' }])
  } finally {
    await identity.stop()
  }
})

test('a client that leaves before it is let in is forgotten', async () => {
  const identity = await aSpeaker('identity')
  try {
    const asked = (userId: string) => platform.world.asked.get(`caller ${userId}`) ?? 0
    const ghost = platform.world.signIn('ghost')
    const socket = open()
    socket.on('open', () => socket.send(JSON.stringify(begin({ token: ghost })), () => socket.terminate()))
    await waitUntil('its token to be looked up', () => asked('ghost') === 1)
    const witness = subscribe(
      platform.client(platform.world.signIn('witness', { [project]: 'VIEWER' })),
      events,
    )
    await waitUntil('the other to be let in', () => asked('witness') === 1)

    // who is connected is looked up again
    for (const userId of ['ghost', 'witness'])
      await identity.say(MembershipChangedSchema, { projectId: project, userId, role: 'VIEWER' })
    await waitUntil('the other to be looked up again', () => asked('witness') === 2)

    expect(asked('ghost')).toBe(1)
    witness.stop()
  } finally {
    await identity.stop()
  }
})

test('a connection may have 200 subscriptions, also when it asks for all at once', async () => {
  const token = platform.world.signIn('greedy', { [project]: 'VIEWER' })
  const socket = open()
  const codes: string[] = []
  socket.on('open', () => socket.send(JSON.stringify(begin({ token }))))
  socket.on('message', (text) => {
    const message = JSON.parse(String(text)) as {
      type: string
      payload?: { extensions: { code: string } }[]
    }
    if (message.type === 'error') codes.push(message.payload?.[0]?.extensions.code ?? '')
    if (message.type !== 'connection_ack') return
    for (let id = 0; id < 210; id++)
      socket.send(JSON.stringify({ id: `s${id}`, type: 'subscribe', payload: { query: events } }))
    socket.send(JSON.stringify({ id: 'last', type: 'subscribe', payload: { query: 'subscription {' } }))
  })
  await waitUntil('the last to be answered', () => codes.includes('GRAPHQL_PARSE_FAILED'))
  await waitUntil('ten to be refused', () => codes.length >= 11, { timeoutMs: 3_000 })
  socket.terminate()

  expect(codes.filter((code) => code === 'TOO_MANY_SUBSCRIPTIONS')).toHaveLength(10)
})

test('a subscription that selects nothing is refused, and the connection stays', async () => {
  const client = platform.client(platform.world.signIn('ada', { [project]: 'VIEWER' }))
  const nothing = subscribe(
    client,
    `subscription { projectEvents(projectId: "${project}") @skip(if: true) { id } }`,
  )
  await waitUntil('the refusal', nothing.failure)

  expect(nothing.failure()).toMatchObject([{ extensions: { code: 'INTERNAL' } }])
})

test('a client that does not read costs no memory; then it gets every state and the newest progress', async () => {
  const token = platform.world.signIn('slow', { [project]: 'VIEWER' })
  const job = platform.world.addJob(newId(), project, 'QUEUED')
  const slow = [aSlowClient(job.id, token), aSlowClient(job.id, token), aSlowClient(job.id, token)]
  const query = 'subscription($id: ID!) { jobProgress(jobId: $id) { progress } }'
  const fast = subscribe<{ progress: number }>(platform.client(token), query, { id: job.id })
  await fast.until('the snapshot', (got) => got.length === 1)
  for (const { payloads } of slow) await waitUntil('the snapshot', () => payloads.length === 1)

  // payloads of 4 KB: three clients that were queued for would hold 43 MB at the end, 17 MB more than at the measurement
  const total = 3_600
  const sayHow = (part: number) =>
    executor.bus.telemetry(JobProgressedSchema, {
      projectId: project,
      jobId: job.id,
      progress: part / (total + 1),
      message: `${part} `.padEnd(4_000, 'x'),
    })
  const heard = (part: number) => (fast.payloads.at(-1)?.progress ?? 0) >= part / (total + 1)
  slow.forEach(({ socket }) => socket.pause())
  let before = 0
  for (let part = 1; part <= total; part++) {
    sayHow(part)
    if (part === total / 2) await executor.move(job, 'PREPARING')
    if (part === total - 100) await executor.move(job, 'RUNNING')
    if (part % 100 === 0) await waitUntil('the gateway to hear it', () => heard(part), { everyMs: 2 })
    if (part === total * 0.6) before = memoryInUse() // by now its bounded room for news is full
  }
  const grown = memoryInUse() - before
  slow.forEach(({ socket }) => socket.resume())

  for (const { payloads, socket } of slow) {
    const isNewest = ({ state, progress }: { state: string; progress: number }) =>
      state === 'RUNNING' && progress === total / (total + 1)
    await waitUntil('the newest progress', () => payloads.some(isNewest))
    expect([...new Set(payloads.map(({ state }) => state))]).toEqual(['QUEUED', 'PREPARING', 'RUNNING'])
    expect(payloads.length).toBeLessThan(total)
    const told = payloads.map(({ progress }) => progress)
    expect(told).toEqual([...told].sort((one, other) => one - other))
    socket.terminate()
  }
  expect(grown).toBeLessThan(12)
  fast.stop()
}, 60_000)

function aSlowClient(jobId: string, token: string) {
  const query = 'subscription($id: ID!) { jobProgress(jobId: $id) { cursor state progress message } }'
  const socket = open()
  const payloads: { state: string; progress: number }[] = []
  socket.on('open', () => socket.send(JSON.stringify(begin({ token }))))
  socket.on('message', (text) => {
    const message = JSON.parse(String(text)) as { type: string; payload?: { data?: { jobProgress: never } } }
    if (message.type === 'connection_ack')
      socket.send(
        JSON.stringify({ id: 's', type: 'subscribe', payload: { query, variables: { id: jobId } } }),
      )
    if (message.payload?.data) payloads.push(message.payload.data.jobProgress)
  })
  return { socket, payloads }
}

/** MiB in use in this process after collecting garbage: the gateway's, the services' and the test's together. */
function memoryInUse(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void // what the flag makes
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return (heapUsed + external) / 1024 / 1024
}
