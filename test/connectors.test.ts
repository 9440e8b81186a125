import { createHmac } from 'node:crypto'
import { cvatRig, labelStudioRig, type Rig } from '@ymir/labeling/testing'
import { waitUntil } from '@ymir/service'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createProject, importArchive, type Version } from './testing/loop.ts'
import { aPlatform, type TestPlatform } from './testing/platform.ts'
import { pictures, side, vocArchive } from './testing/shapes.ts'

let ymir: TestPlatform
let projectId: string
let pool: Version
const rigs: Rig[] = []

beforeAll(async () => {
  // asked so seldom that what comes in time comes by a webhook
  ymir = await aPlatform({ YMIR_VENDOR_PRIVATE_URLS: '1', YMIR_CONNECTOR_POLL_SECONDS: '600' })
  projectId = await createProject(ymir.client, 'connectors')
  const { version } = await importArchive(ymir.client, vocArchive(await pictures(3, 1)), {
    projectId,
    name: 'pool',
  })
  pool = version!
}, 240_000)
afterAll(async () => {
  for (const { server } of rigs) await server.stop()
  await ymir?.stop()
}, 60_000)

const size = { width: side, height: side }
const box = { label: 'disc', x: 4, y: 8, width: 20, height: 24 }

describe.each([
  { name: 'Label Studio', start: () => labelStudioRig({ size }) },
  { name: 'CVAT', start: () => cvatRig() },
])('$name', ({ name, start }) => {
  test('labels a task, hears of the gateway nothing but with its proof, and the result is a version', async () => {
    const rig = await start()
    rigs.push(rig)
    const { createVendor } = await ymir.client.ask<{ createVendor: { vendor: { id: string } } }>(
      `mutation ($input: CreateVendorInput!) { createVendor(input: $input) { vendor { id } } }`,
      { input: { projectId, name } },
    )
    const vendorId = createVendor.vendor.id
    const { url, token } = rig.server
    await ymir.client.ask(
      `mutation ($input: ConnectVendorInput!) { connectVendor(input: $input) { vendor { id } } }`,
      { input: { vendorId, tool: rig.tool, url, token, platformUrl: ymir.platform.gatewayUrl } },
    )
    const { createLabellingTask } = await ymir.client.ask<{ createLabellingTask: { task: { id: string } } }>(
      `mutation ($input: CreateLabellingTaskInput!) { createLabellingTask(input: $input) { task { id } } }`,
      { input: { projectId, name: `in ${name}`, versionId: pool.id, vendorId, keepAnnotations: true } },
    )
    const connector = async () => {
      const query = `query ($id: ID!) { vendor(id: $id) { connector { lastLookAt problem refused { problem } } } }`
      const { vendor } = await ymir.client.ask<{
        vendor: { connector: object & { lastLookAt: string | null } }
      }>(query, { id: vendorId })
      return vendor.connector
    }
    const inTool = await waitUntil(
      'the images, with their boxes, and the webhook',
      () => {
        const images = rig.images()
        return (
          images.length === 3 &&
          images.every(({ boxes }) => boxes.length === 2) &&
          rig.hookCount() > 0 &&
          images
        )
      },
      { timeoutMs: 60_000, everyMs: 100 },
    )
    await waitUntil('a look at which all was well', async () => (await connector()).lastLookAt, {
      timeoutMs: 60_000,
    })

    const door = `${ymir.platform.gatewayUrl}/vendor/connectors/${vendorId}/${rig.tool === 'CVAT' ? 'cvat' : 'label-studio'}`
    const signature = createHmac('sha256', 'another secret').update('{}').digest('hex')
    const post = (body: string, headers: Readonly<Record<string, string>> = {}) =>
      fetch(door, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } })
    const wrong: Readonly<Record<string, string>>[] = [
      {},
      { 'x-ymir-secret': 'wrong' },
      { 'x-signature-256': `sha256=${signature}` },
    ]
    for (const headers of wrong) expect((await post('{}', headers)).status).toBe(401)
    expect((await post(JSON.stringify('x'.repeat(300_000)))).status).toBe(413)

    rig.server.webhooks.times = 3
    await rig.work(new Map(inTool.map(({ itemId }) => [itemId, [box]])))
    const query = `query ($id: ID!) { labellingTask(id: $id) { state problem result { assetCount annotationCount } } }`
    const result = await waitUntil(
      'the result',
      async () => {
        const { labellingTask } = await ymir.client.ask<{ labellingTask: { result: object | null } }>(query, {
          id: createLabellingTask.task.id,
        })
        if (!labellingTask.result)
          throw new Error(JSON.stringify({ labellingTask, connector: await connector() }))
        return labellingTask.result
      },
      { timeoutMs: 60_000, everyMs: 250 },
    )
    expect(result).toEqual({ assetCount: 3, annotationCount: 3 })
    expect(new Set(rig.server.webhooks.answers)).toEqual(new Set([202]))
    expect(await connector()).toMatchObject({ problem: null, refused: [] })
  }, 240_000)
})
