import { connect, type JsMsg, type NatsConnection } from 'nats'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestPlatform, type TestPlatform } from '../testing/platform.ts'
import { aResult, anAddress, vendorsOf, type Posted } from '../testing/vendor.ts'
import { Outward } from './outward.ts'
import { WebhookSender } from './webhook.ts'

let platform: TestPlatform
let vendors: ReturnType<typeof vendorsOf>
let nats: NatsConnection
beforeAll(async () => {
  platform = await startTestPlatform()
  vendors = vendorsOf(platform)
  const { host, username, password } = new URL(process.env.YMIR_TEST_NATS_URL ?? '')
  nats = await connect({ servers: host, user: username, pass: password })
})
afterAll(async () => {
  await nats?.close()
  await platform.stop()
})

interface Told {
  readonly id: string
  readonly data: { readonly state: string; readonly labellingTaskId: string; readonly todoCount: number }
}

const read = (secret: string, { body, headers }: Posted) =>
  new Webhook(secret).verify(body, headers as Record<string, string>) as Told // node's own headers

test('a vendor is told by a webhook that the library of Standard Webhooks verifies, with both secrets while one is renewed', async () => {
  const address = await anAddress()
  const vendor = await vendors.create({ webhookUrl: address.url })
  const task = await vendors.aTask(vendor.id)
  const first = await address.nth(1)
  expect(read(vendor.webhookSecret, first)).toMatchObject({
    specversion: '1.0',
    id: first.headers['webhook-id'],
    type: 'ymir.vendor_task.changed.v1',
    source: '/ymir/labeling',
    data: { labellingTaskId: task.id, state: 'OPEN', todoCount: 2, classes: ['brick'] },
  })

  const renewed = await vendors.command<{ webhookSecret: string }>(
    'renewVendorWebhookSecret',
    { vendorId: vendor.id },
    'webhookSecret',
  )
  await vendors.people.cancel(task.id)
  const second = await address.nth(2)
  for (const secret of [vendor.webhookSecret, renewed.webhookSecret])
    expect(read(secret, second).data.state).toBe('CANCELLED')
  const stored = JSON.stringify(await platform.database.query('select * from vendors'))
  expect(stored).not.toContain(Buffer.from(vendor.webhookSecret).toString('hex'))
  await address.stop()
})

test('what fails is tried again and logged; 410 disables; a resend has the same id', async () => {
  const address = await anAddress()
  address.answers(500)
  const vendor = await vendors.create({ webhookUrl: address.url })
  await vendors.aTask(vendor.id)
  const first = await address.nth(1)
  await expect
    .poll(() => vendors.deliveries(vendor.id))
    .toMatchObject([{ state: 'PENDING', attempts: [{ status: 500, problem: 'answered with status 500' }] }])

  address.answers(410)
  const second = await address.nth(2) // after five seconds
  expect(second.headers['webhook-id']).toBe(first.headers['webhook-id'])
  await expect.poll(() => vendors.deliveries(vendor.id)).toMatchObject([{ state: 'FAILED', attemptCount: 2 }])
  await vendors.aTask(vendor.id)
  expect(await vendors.deliveries(vendor.id)).toHaveLength(1)

  address.answers(204)
  await vendors.command('setVendorWebhook', { vendorId: vendor.id, webhookUrl: address.url }, 'vendor { id }')
  const id = (await vendors.deliveries(vendor.id))[0]?.id
  await vendors.command('resendDelivery', { deliveryId: id }, 'delivery { state }')
  expect((await address.nth(3)).headers['webhook-id']).toBe(id)
  await expect
    .poll(() => vendors.deliveries(vendor.id))
    .toMatchObject([{ state: 'DELIVERED', attemptCount: 1 }])
  await address.stop()
})

test('private addresses are refused, named or hidden behind a name', async () => {
  const outward = new Outward({ allowPrivateUrls: false })
  const sender = new WebhookSender(outward)
  for (const url of ['http://127.0.0.1:1/', 'http://localhost:1/', 'http://[::1]:1/', 'http://10.0.0.1/'])
    expect(await sender.post(url, '{}', {})).toMatchObject({
      status: null,
      problem: expect.stringContaining('not an address of the public Internet'),
    })
  await outward.close()
})

test('over NATS a vendor hears of a task and of what became of its results, whatever it sends', async () => {
  const vendor = await vendors.create({ nats: true })
  const task = await vendors.aTask(vendor.id, { images: 1 })
  const stream = nats.jetstream()
  const consumer = await stream.consumers.get('YMIR_VENDORS', `vendor-${vendor.id}`)
  const heard = async (): Promise<JsMsg> => {
    const message = await consumer.next({ expires: 25_000 })
    if (!message) throw new Error('nothing came')
    message.ack()
    return message
  }
  const told = await heard()
  expect(told.headers?.get('ce-type')).toBe('ymir.vendor_task.changed.v1')
  expect(told.json()).toMatchObject({ labellingTaskId: task.id, state: 'OPEN', todoCount: 1 })

  const results = `ymir.vendor.${vendor.id}.results`
  await stream.publish(results, 'no JSON')
  expect((await heard()).json()).toMatchObject({ outcomes: [], problem: 'the results are not JSON' })
  await stream.publish(results, JSON.stringify({ labellingTaskId: 'a\nb', results: [] }))
  expect((await heard()).json()).toMatchObject({
    problem: expect.stringContaining('no labelling task of yours'),
  })

  const itemId = task.items[0]!.id
  const submitted = { labellingTaskId: task.id, results: [aResult(itemId)] }
  await stream.publish(results, JSON.stringify(submitted), { msgID: 'mine' })
  const heardThen = [(await heard()).json<object>(), (await heard()).json<object>()]
  expect(heardThen).toContainEqual(
    expect.objectContaining({
      resultsId: 'mine',
      outcomes: [{ itemId, outcome: 'RECORDED', problem: '' }],
    }),
  )
  expect(heardThen).toContainEqual(expect.objectContaining({ state: 'STORING', todoCount: 0 }))
})
