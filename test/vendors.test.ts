import { readFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { connect, nkeyAuthenticator, type NatsConnection } from 'nats'
import { freePort } from '@ymir/deploy'
import { waitUntil } from '@ymir/service'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ApiClient } from './testing/client.ts'
import { createProject, importArchive, type Version } from './testing/loop.ts'
import { aPlatform, type TestPlatform } from './testing/platform.ts'
import { pictures, vocArchive } from './testing/shapes.ts'
import {
  createVendor as anyVendor,
  SampleVendors,
  samples,
  whenSaid,
  type MadeVendor,
} from './testing/vendors.ts'

let ymir: TestPlatform
let projectId: string
let pool: Version
const vendors = new SampleVendors()
const connections: NatsConnection[] = []

beforeAll(async () => {
  ymir = await aPlatform({ YMIR_VENDOR_PRIVATE_URLS: '1' })
  projectId = await createProject(ymir.client, 'vendors')
  const { version } = await importArchive(ymir.client, vocArchive(await pictures(3, 1)), {
    projectId,
    name: 'pool',
  })
  pool = version!
}, 240_000)
afterAll(async () => {
  vendors.stop()
  for (const connection of connections) await connection.close()
  await ymir?.stop()
}, 60_000)

const createVendor = (input: object) => anyVendor(ymir.client, { projectId, ...input })

async function createTask(name: string, vendorId: string, choice: object = {}): Promise<string> {
  const query = `mutation ($input: CreateLabellingTaskInput!) {
    createLabellingTask(input: $input) { task { id } }
  }`
  const input = { projectId, name, versionId: pool.id, vendorId, ...choice }
  const { createLabellingTask } = await ymir.client.ask<{ createLabellingTask: { task: { id: string } } }>(
    query,
    {
      input,
    },
  )
  return createLabellingTask.task.id
}

/** Waits until the task is a dataset version; `said` is what its vendor printed. */
function whenStored(
  taskId: string,
  said: () => string,
): Promise<{ assetCount: number; annotationCount: number }> {
  const query = `query ($id: ID!) {
    labellingTask(id: $id) { state problem doneCount result { assetCount annotationCount } }
  }`
  return waitUntil(
    `task ${taskId} to be stored`,
    async () => {
      const { labellingTask: task } = await ymir.client.ask<{
        labellingTask: { result: { assetCount: number; annotationCount: number } | null }
      }>(query, { id: taskId })
      if (!task.result) throw new Error(`${JSON.stringify(task)}; the vendor said:\n${said()}`)
      return task.result
    },
    { timeoutMs: 90_000, everyMs: 250 },
  )
}

function natsOf({ vendor, natsSeed }: MadeVendor): Promise<NatsConnection> {
  return waitUntil(
    'nats-server to know the vendor',
    async () => {
      const connection = await connect({
        servers: new URL(ymir.platform.natsUrl).host,
        authenticator: nkeyAuthenticator(new TextEncoder().encode(natsSeed)),
        inboxPrefix: `_INBOX_${vendor.id}`,
        reconnect: false,
      })
      connections.push(connection)
      return connection
    },
    { timeoutMs: 30_000, everyMs: 250 },
  )
}

test('the sample vendors are complete and short', () => {
  for (const file of ['webhook_vendor.py', 'nats-vendor.mjs'])
    expect(readFileSync(join(samples, file), 'utf8').split('\n').length).toBeLessThan(100)
})

test('the sample in Python hears of a task by webhook and labels it over REST', async () => {
  const port = await freePort()
  const made = await createVendor({ name: 'Python', webhookUrl: `http://127.0.0.1:${port}/` })
  const said = vendors.byWebhook(ymir.platform, made, port)
  await whenSaid('listening', said)
  const taskId = await createTask('by webhook', made.vendor.id)
  expect(await whenStored(taskId, said)).toEqual({ assetCount: 3, annotationCount: 6 })
  await whenSaid('told: OPEN', said)
}, 180_000)

test('the sample over NATS hears of a task and labels it', async () => {
  const made = await createVendor({ name: 'NATS', nats: true })
  await natsOf(made)
  const said = vendors.byNats(ymir.platform, made)
  await whenSaid('listening', said)
  const taskId = await createTask('by NATS', made.vendor.id)
  expect(await whenStored(taskId, said)).toEqual({ assetCount: 3, annotationCount: 6 })
  await whenSaid('"RECORDED"', said)
}, 180_000)

test('gold images and second copies tell how good a vendor is, who cannot tell them; then its answers are stored', async () => {
  const { version: gold } = await importArchive(ymir.client, vocArchive(await pictures(2, 7)), {
    projectId,
    name: 'gold',
  })
  const made = await createVendor({ name: 'checked' })
  const vendor = new ApiClient(ymir.platform.gatewayUrl, made.token)
  const choice = { goldVersionId: gold!.id, goldCount: 2, overlap: 1, review: true }
  const taskId = await createTask('checked', made.vendor.id, choice)
  interface Item {
    readonly id: string
    readonly imagePath: string
    readonly annotations: readonly object[]
  }
  const items = await waitUntil('the images', async () => {
    const answer = await vendor.get(`/vendor/tasks/${taskId}/items`)
    const page = (await answer.json()) as { items: Item[] } // docs/vendors.md
    return page.items.length === 2 * 3 + 2 && page.items
  })
  for (const { imagePath } of items)
    expect((await vendor.download(imagePath)).subarray(1, 4).toString()).toBe('PNG')

  // confirms what it is given to start from, flaws and all
  const results = items.map(({ id, annotations }) => ({ itemId: id, annotations }))
  const sent = await fetch(`${ymir.platform.gatewayUrl}/vendor/tasks/${taskId}/results`, {
    method: 'POST',
    headers: { authorization: `Bearer ${made.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ results }),
  })
  expect(await sent.json()).toMatchObject({ outcomes: items.map(() => ({ outcome: 'RECORDED' })) })

  const query = `query ($id: ID!) { labellingTask(id: $id) {
    goldCount
    draft { imageCount confirmedCount changedCount }
    quality { answeredCount goldCount recall overlapCount agreement vendor { id } }
    items { edges { node { imageUrl thumbnailUrl knownAnnotations { label } } } } } }`
  type Node = { imageUrl: string; thumbnailUrl: string; knownAnnotations: object[] | null }
  const { labellingTask: task } = await ymir.client.ask<{
    labellingTask: { quality: object[]; draft: object; items: { edges: { node: Node }[] } }
  }>(query, { id: taskId })
  expect(task).toMatchObject({
    draft: { imageCount: 3, confirmedCount: 3, changedCount: 0 },
    quality: [
      {
        ...{ vendor: made.vendor, answeredCount: 8, goldCount: 2, overlapCount: 3, agreement: 1 },
        recall: expect.any(Number),
      },
    ],
  })
  const known = task.items.edges.find(({ node }) => node.knownAnnotations)!.node
  expect(known.imageUrl).toMatch(/^\/files\/labelling\/assets\//)
  expect((await ymir.client.download(known.imageUrl)).subarray(1, 4).toString()).toBe('PNG')
  expect((await ymir.client.download(`${known.thumbnailUrl}?size=32`)).subarray(8, 12).toString()).toBe(
    'WEBP',
  )
  expect((await new ApiClient(ymir.platform.gatewayUrl).get(known.imageUrl)).status).toBe(401)
  expect((await vendor.get(known.imageUrl)).status).toBe(403)

  await ymir.client.ask(
    `mutation ($input: AcceptItemsInput!) { acceptItems(input: $input) { changedCount } }`,
    { input: { taskId } },
  )
  expect(await whenStored(taskId, () => '')).toEqual({ assetCount: 3, annotationCount: 6 })
}, 120_000)

test('what a vendor says over REST of turns and seconds is in the dataset, the pace, and where the next labeller starts', async () => {
  const made = await createVendor({ name: 'turns' })
  const vendor = new ApiClient(ymir.platform.gatewayUrl, made.token)
  const itemsOf = (taskId: string) =>
    waitUntil('the images', async () => {
      const answer = await vendor.get(`/vendor/tasks/${taskId}/items`)
      const { items } = (await answer.json()) as {
        items: { id: string; annotations: { rotation: number | null }[] }[]
      } // docs/vendors.md
      return items.length === 3 && items
    })
  const taskId = await createTask('turned', made.vendor.id)
  const box = { x: 4, y: 4, width: 20, height: 6 }
  const results = (await itemsOf(taskId)).map(({ id }) => ({
    ...{ itemId: id, annotations: [{ label: 'square', box, rotation: -0.5 }], seconds: 20 },
  }))
  await fetch(`${ymir.platform.gatewayUrl}/vendor/tasks/${taskId}/results`, {
    method: 'POST',
    headers: { authorization: `Bearer ${made.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ results }),
  })
  await whenStored(taskId, () => '')
  const query = `query ($id: ID!) { labellingTask(id: $id) { labellers { vendor { id } secondsPerImage } result { id
    assets(first: 3) { edges { node { annotations { box { x y width height } rotation } } } } } } }`
  const { labellingTask } = await ymir.client.ask<{
    labellingTask: {
      labellers: object[]
      result: { id: string; assets: { edges: { node: { annotations: object[] } }[] } }
    }
  }>(query, { id: taskId })
  expect(labellingTask.labellers).toEqual([{ vendor: made.vendor, secondsPerImage: 20 }])
  const turned = { box, rotation: 2 * Math.PI - 0.5 }
  expect(labellingTask.result.assets.edges.map(({ node }) => node.annotations)).toEqual([
    ...[[turned], [turned], [turned]],
  ])

  const next = await createTask('turned again', made.vendor.id, {
    ...{ versionId: labellingTask.result.id, keepAnnotations: true },
  })
  const [item] = await itemsOf(next)
  expect(item?.annotations).toMatchObject([{ rotation: turned.rotation }])
}, 120_000)

test('what a vendor was to be told is told after the service was killed, under the same id', async () => {
  const ids: unknown[] = []
  const address = createHttpServer((request, response) => {
    ids.push(request.headers['webhook-id'])
    response.writeHead(ids.length === 1 ? 500 : 204).end()
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => address.once('listening', resolve))
  const { port } = address.address() as AddressInfo // it listens on a port
  const { vendor } = await createVendor({ name: 'patient', webhookUrl: `http://127.0.0.1:${port}/` })
  await createTask('before the kill', vendor.id)
  await waitUntil('the first try', () => ids.length > 0, { timeoutMs: 30_000 })
  await ymir.platform.kill('labeling')
  await waitUntil('the next try', () => ids.length > 1, { timeoutMs: 90_000 })
  expect(ids[1]).toBe(ids[0])
  address.close()
}, 180_000)

test("a vendor's user of NATS can reach nothing of another, or of the platform", async () => {
  const [mine, other] = [
    await createVendor({ name: 'curious', nats: true }),
    await createVendor({ name: 'private', nats: true }),
  ]
  const nats = await natsOf(mine)
  const stream = nats.jetstream()
  const own = await stream.consumers.get('YMIR_VENDORS', `vendor-${mine.vendor.id}`)
  expect((await own.info()).name).toBe(`vendor-${mine.vendor.id}`)

  const refusals: string[] = []
  void (async () => {
    for await (const { data, permissionContext } of nats.status() as AsyncIterable<{
      data: unknown
      permissionContext?: { operation: string; subject: string }
    }>)
      refusals.push(
        permissionContext ? `${permissionContext.operation} ${permissionContext.subject}` : String(data),
      )
  })()
  const forbidden = [
    `ymir.vendor.${other.vendor.id}.results`,
    `ymir.vendor.${mine.vendor.id}.tasks`,
    `$JS.API.CONSUMER.MSG.NEXT.YMIR_VENDORS.vendor-${other.vendor.id}`,
    '$JS.API.STREAM.NAMES',
    '$JS.API.CONSUMER.CREATE.YMIR_VENDORS',
    `ymir.labeling.labelling_task.state_changed.${projectId}.x`,
  ]
  for (const subject of forbidden) nats.publish(subject, '{}')
  const unheard = [`ymir.vendor.${other.vendor.id}.tasks`, 'ymir.>', '>', '_INBOX.>']
  for (const subject of unheard) nats.subscribe(subject, { callback: () => {} })
  await expect
    .poll(() => refusals, { timeout: 20_000 })
    .toEqual(
      expect.arrayContaining([
        ...forbidden.map((subject) => `publish ${subject}`),
        ...unheard.map((subject) => `subscription ${subject}`),
      ]),
    )

  const close = `mutation ($id: ID!) { closeVendor(input: { vendorId: $id }) { vendor { id } } }`
  await ymir.client.ask(close, { id: mine.vendor.id })
  await expect.poll(() => nats.isClosed(), { timeout: 20_000 }).toBe(true)
}, 180_000)

test('a token of a vendor opens its door and no other', async () => {
  const made = await createVendor({ name: 'outsider' })
  const vendor = new ApiClient(ymir.platform.gatewayUrl, made.token)
  const taskId = await createTask('for the outsider', made.vendor.id)
  const { items } = await waitUntil('the images', async () => {
    const answer = await vendor.get(`/vendor/tasks/${taskId}/items?first=2`)
    const page = (await answer.json()) as { items: { imagePath: string }[]; next: string | null } // docs/vendors.md
    return page.items.length === 2 && page
  })
  expect((await vendor.download(items[0]!.imagePath)).subarray(1, 4).toString()).toBe('PNG')
  expect((await new ApiClient(ymir.platform.gatewayUrl).get(items[0]!.imagePath)).status).toBe(401)
  expect((await ymir.client.get(items[0]!.imagePath)).status).toBe(401)

  const { datasetVersion } = await ymir.client.ask<{
    datasetVersion: { assets: { edges: { node: { url: string } }[] } }
  }>(`query ($id: ID!) { datasetVersion(id: $id) { assets(first: 1) { edges { node { url } } } } }`, pool)
  expect((await vendor.get(datasetVersion.assets.edges[0]!.node.url)).status).toBe(403)
  await expect(vendor.ask(`query ($id: ID!) { project(id: $id) { id } }`, { id: projectId })).rejects.toThrow(
    "a vendor's token is for its tasks only",
  )
  await expect(vendor.ask(`{ projects(first: 1) { totalCount } }`)).rejects.toThrow()
  await expect(vendor.ask(`{ users(first: 1) { totalCount } }`)).rejects.toThrow()

  const close = `mutation ($id: ID!) { closeVendor(input: { vendorId: $id }) { vendor { id } } }`
  await ymir.client.ask(close, { id: made.vendor.id })
  await expect.poll(async () => (await vendor.get('/vendor/tasks')).status, { timeout: 20_000 }).toBe(401)
}, 120_000)
