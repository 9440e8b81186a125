import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestPlatform, type TestPlatform } from '../testing/platform.ts'
import { vendorsOf } from '../testing/vendor.ts'
import { takeResults } from './heard-results.ts'

let platform: TestPlatform
let vendors: ReturnType<typeof vendorsOf>
beforeAll(async () => {
  platform = await startTestPlatform()
  vendors = vendorsOf(platform)
})
afterAll(() => platform.stop())

/** What a vendor is told of results that came over NATS. */
async function toldOf(vendorId: string, submitted: object) {
  const told: unknown[] = []
  await takeResults(
    {
      ...{ database: platform.database, bus: platform.bus, onResults: () => {} },
      stream: {
        publish: async ({ data }) => {
          told.push(data)
          return { status: null, problem: null }
        },
      },
    },
    vendorId,
    { data: new TextEncoder().encode(JSON.stringify(submitted)), headers: undefined, seq: 1 },
  )
  return told[0]
}

test('what comes over NATS has its boxes turned and its seconds, and what cannot be is refused in words', async () => {
  const { id } = await vendors.create()
  const task = await vendors.aTask(id, { images: 2, review: true })
  const [first, second] = task.items.map((item) => item.id) as [string, string]
  const box = { x: 10, y: 10, width: 30, height: 8 }
  const brick = (more: object) => [{ label: 'brick', box, ...more }]
  const results = [
    { itemId: first, annotations: [...brick({ rotation: 0.5 }), ...brick({})], seconds: 12.5 },
    { itemId: second, annotations: brick({ rotation: 7 }) },
  ]

  expect(await toldOf(id, { labellingTaskId: task.id, results })).toMatchObject({
    outcomes: [
      { outcome: 'RECORDED' },
      { outcome: 'REFUSED', problem: expect.stringContaining('beyond a whole turn') },
    ],
  })
  const items = (await vendors.people.see(task.id))?.items ?? []
  expect(items.map(({ state }) => state)).toEqual(['LABELLED', 'WAITING'])
  const query = `query ($id: ID!) { labellingTask(id: $id) { labellers { secondsPerImage } } }`
  const { data } = await platform.ask(vendors.owner, query, { id: task.id })
  expect(data.labellingTask.labellers).toEqual([{ secondsPerImage: 12.5 }])
  expect(items[0]?.annotations.map(({ rotation }) => rotation)).toEqual([0.5, null])
})
