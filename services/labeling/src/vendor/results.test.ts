import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { someAssets, startTestPlatform, type TestPlatform } from '../testing/platform.ts'
import { aResult, vendorsOf } from '../testing/vendor.ts'

let platform: TestPlatform
let vendors: ReturnType<typeof vendorsOf>
beforeAll(async () => {
  platform = await startTestPlatform()
  vendors = vendorsOf(platform)
})
afterAll(() => platform.stop())

test('a vendor sees its own tasks and images, and nothing else', async () => {
  const [mine, other] = [await vendors.create(), await vendors.create()]
  const task = await vendors.aTask(mine.id)
  const foreign = await vendors.aTask(other.id)
  const vendor = platform.vendor(mine.id)

  const { data } = await platform.ask(
    vendor,
    `query ($own: ID!, $foreign: ID!, $item: ID!) {
      vendorTasks(first: 10) { edges { node { id todoCount } } }
      own: vendorTask(id: $own) { id }
      foreign: vendorTask(id: $foreign) { id }
      image: vendorImage(taskId: $foreign, itemId: $item) { assetId }
      mixed: vendorImage(taskId: $own, itemId: $item) { assetId }
    }`,
    { own: task.id, foreign: foreign.id, item: foreign.items[0]!.id },
  )
  expect(data).toEqual({
    vendorTasks: { edges: [{ node: { id: task.id, todoCount: 2 } }] },
    own: { id: task.id },
    ...{ foreign: null, image: null, mixed: null },
  })
  await expect(vendors.itemsFor(mine.id, foreign.id)).rejects.toThrow('no labelling task of yours')
  await expect(vendors.submit(mine.id, foreign.id, [aResult(foreign.items[0]!.id)])).rejects.toThrow(
    'no labelling task of yours',
  )
  const asPeople = `query ($id: ID!) { labellingTask(id: $id) { id } }`
  expect(await platform.ask(vendor, asPeople, { id: task.id })).toMatchObject({ code: 'FORBIDDEN' })
  const seen = `query ($id: ID!) { vendor(id: $id) { id } }`
  expect(await platform.ask(vendor, seen, { id: mine.id })).toMatchObject({ code: 'FORBIDDEN' })
})

test('people have no business at the door for vendors, and only owners make vendors', async () => {
  const editor = platform.someone('EDITOR')
  const stranger = platform.stranger()
  expect(await platform.ask(vendors.owner, '{ vendorTasks { totalCount } }')).toMatchObject({
    code: 'UNAUTHENTICATED',
  })
  const create = `mutation ($input: CreateVendorInput!) { createVendor(input: $input) { token } }`
  for (const caller of [editor, stranger]) {
    const input = { projectId: platform.projectId, name: 'not mine' }
    expect(await platform.ask(caller, create, { input })).toMatchObject({ code: 'FORBIDDEN' })
  }
  const { id } = await vendors.create({ webhookUrl: 'https://boxes.example/' })
  const close = `mutation ($id: ID!) { closeVendor(input: { vendorId: $id }) { vendor { id } } }`
  expect(await platform.ask(editor, close, { id })).toMatchObject({ code: 'FORBIDDEN' })
  expect(await platform.ask(stranger, close, { id })).toMatchObject({ code: 'NOT_FOUND' })
  const url = `query ($id: ID!) { vendor(id: $id) { webhookUrl deliveries { totalCount } } }`
  expect(await platform.ask(editor, url, { id })).toMatchObject({ code: 'FORBIDDEN' })
  expect(
    (await platform.ask(editor, 'query ($id: ID!) { vendor(id: $id) { webhookUrl } }', { id })).data,
  ).toEqual({
    vendor: { webhookUrl: null },
  })
})

test('the same result ten times, late and out of order has one effect', async () => {
  const { id } = await vendors.create()
  const task = await vendors.aTask(id, { images: 2 })
  const [first, second] = task.items.map((item) => item.id) as [string, string]

  for (let time = 0; time < 10; time++)
    expect(await vendors.submit(id, task.id, [aResult(first)])).toEqual([
      { itemId: first, outcome: time ? 'ALREADY' : 'RECORDED', problem: null },
    ])
  expect(await vendors.submit(id, task.id, [aResult(first, 2, 20)])).toMatchObject([{ outcome: 'RECORDED' }])
  expect(await vendors.submit(id, task.id, [aResult(first, 1, 25)])).toMatchObject([{ outcome: 'ALREADY' }])
  expect(await vendors.submit(id, task.id, [aResult(first, 2, 21)])).toMatchObject([
    { outcome: 'REFUSED', problem: expect.stringContaining('send your change as revision 3') },
  ])
  expect(await vendors.submit(id, task.id, [{ itemId: second, skipReason: 'blurred' }])).toMatchObject([
    { outcome: 'RECORDED' },
  ])

  const request = await platform.requestFor(task.id)
  expect((await platform.linesOf(request)).map(({ annotations }) => annotations[0]?.box.width)).toEqual([20])
  expect(await vendors.submit(id, task.id, [aResult(first, 2, 20)])).toMatchObject([{ outcome: 'ALREADY' }])
  expect(platform.requestsFor(task.id)).toHaveLength(1)
})

test('how long answers took is kept with the one that counts, once, and is the pace of the vendor', async () => {
  const { id } = await vendors.create()
  const task = await vendors.aTask(id, { images: 3, review: true })
  const [first, second, third] = task.items.map((item) => item.id) as [string, string, string]
  const paces = async () => {
    const query = `query ($taskId: ID!, $id: ID!) {
      labellingTask(id: $taskId) {
        labellers { answeredCount secondsPerImage acceptedCount acceptedShare user { id } vendor { id } }
        quality { secondsPerImage }
      }
      vendor(id: $id) { quality { secondsPerImage } } }`
    const { data } = await platform.ask(vendors.owner, query, { taskId: task.id, id })
    const [labeller, ...others] = data.labellingTask.labellers
    expect(others).toEqual([])
    expect(data.labellingTask.quality).toEqual([data.vendor.quality])
    return { ...labeller, measured: data.vendor.quality.secondsPerImage }
  }
  const submit = (...results: object[]) => vendors.submit(id, task.id, results)

  await submit(aResult(second))
  const unknown = await paces()
  expect(unknown).toMatchObject({ user: null, vendor: { id }, answeredCount: 1, secondsPerImage: null })
  expect(unknown.measured).toBeGreaterThan(0) // of the whole task
  for (let time = 0; time < 10; time++) await submit({ ...aResult(first), seconds: 30 })
  expect(await paces()).toMatchObject({ answeredCount: 2, secondsPerImage: 30, measured: 30 })
  expect(await submit({ ...aResult(first), seconds: 99 })).toMatchObject([{ outcome: 'ALREADY' }])
  expect(await submit({ itemId: third, skipReason: 'blurred', seconds: 10 })).toMatchObject([
    { outcome: 'RECORDED' },
  ])
  expect(await paces()).toMatchObject({ answeredCount: 3, secondsPerImage: 20, measured: 20 })
  await submit({ ...aResult(first, 1, 20), seconds: 40 }) // the newer answer's
  expect(await paces()).toMatchObject({ secondsPerImage: 25 })
  await submit(aResult(first, 2, 21))
  expect(await paces()).toMatchObject({ secondsPerImage: 10 })

  const refused = await submit(
    { ...aResult(first, 3), seconds: -1 },
    { ...aResult(second, 1), seconds: 86_401 },
    { ...aResult(third, 1), seconds: 86_400 },
  )
  expect(refused.map(({ outcome }) => outcome)).toEqual(['REFUSED', 'REFUSED', 'RECORDED'])
  expect(refused[0]?.problem).toContain('seconds -1 is not 0 to 86400')
})

test('what people answer anew has no seconds of the vendor before', async () => {
  const { id } = await vendors.create()
  const task = await vendors.aTask(id, { images: 2, review: true })
  const itemId = task.items[0]!.id
  await vendors.submit(id, task.id, [{ ...aResult(itemId), seconds: 7 }])
  await vendors.people.sendBack(itemId, 'closer')
  await vendors.command('moveTask', { taskId: task.id, vendorId: null }, 'task { id }')
  await vendors.people.claim(task.id, itemId)
  await vendors.people.submit(itemId)
  const [row] = await platform.database.query(`select answer_seconds from labelling_items where id = $1`, [
    itemId,
  ])
  expect(row).toEqual({ answer_seconds: null })
})

test('one wrong result does not hold up the others, and is refused in words', async () => {
  const { id } = await vendors.create()
  const task = await vendors.aTask(id, { images: 3 })
  const [first, second, third] = task.items.map((item) => item.id) as [string, string, string]
  const stranger = randomUUID()
  const outcomes = await vendors.submit(id, task.id, [
    { itemId: first, annotations: [{ label: 'cat', box: { x: 0, y: 0, width: 5, height: 5 } }] },
    aResult(second),
    aResult(second, 1),
    aResult(stranger),
    aResult('; drop table'),
    { itemId: third },
  ])
  expect(outcomes.map(({ outcome }) => outcome)).toEqual([
    ...['REFUSED', 'RECORDED', 'RECORDED', 'REFUSED', 'REFUSED', 'REFUSED'],
  ])
  expect(outcomes[0]!.problem).toContain('"cat" is no class of the task')
  expect(outcomes[3]!.problem).toContain(stranger)
  expect(outcomes[5]!.problem).toContain('say why the image is skipped')
  expect((await vendors.itemsFor(id, task.id)).map((item) => item.id)).toEqual([first, third])
})

test('an accepted image and a cancelled task take no results; one sent back takes the next revision', async () => {
  const { id } = await vendors.create()
  const task = await vendors.aTask(id, { images: 2, review: true })
  const [first, second] = task.items.map((item) => item.id) as [string, string]
  await vendors.submit(id, task.id, [aResult(first), aResult(second)])
  const review = (itemId: string, accept: boolean) =>
    vendors.command('reviewItem', { itemId, accept, comment: 'tighter' }, 'item { id }')
  await review(first, true)
  await review(second, false)

  expect(await vendors.itemsFor(id, task.id)).toMatchObject([
    { id: second, nextRevision: 1, comment: 'tighter' },
  ])
  expect(await vendors.submit(id, task.id, [aResult(first, 1), aResult(second, 0)])).toMatchObject([
    { outcome: 'REFUSED', problem: expect.stringContaining('was accepted') },
    { outcome: 'ALREADY' },
  ])
  await vendors.people.cancel(task.id)
  expect(await vendors.submit(id, task.id, [aResult(second, 1), aResult(second, 0)])).toMatchObject([
    { outcome: 'REFUSED', problem: expect.stringContaining('is CANCELLED: it takes no results') },
    { outcome: 'ALREADY' },
  ])
})

test('a task of which nothing comes is reported once, and moved; its former vendor has lost it', async () => {
  const [slow, quick] = [await vendors.create(), await vendors.create()]
  const task = await vendors.aTask(slow.id, { stuckAfterSeconds: 1 })
  const stuck = async () => {
    const query = `query ($id: ID!) { labellingTask(id: $id) { stuckSince vendor { id } } }`
    return (await platform.ask(vendors.owner, query, { id: task.id })).data.labellingTask
  }
  const work = async ({ id }: { id: string }) => {
    const query = `query ($id: ID!) { vendor(id: $id) { openTaskCount stuckTaskCount } }`
    return (await platform.ask(vendors.owner, query, { id })).data.vendor
  }
  await expect.poll(async () => (await stuck()).stuckSince, { timeout: 25_000 }).not.toBeNull()
  expect(await work(slow)).toEqual({ openTaskCount: 1, stuckTaskCount: 1 })
  expect((await vendors.people.claim(task.id)).message).toContain('is with a vendor')

  await vendors.submit(slow.id, task.id, [aResult(task.items[0]!.id)])
  expect((await stuck()).stuckSince).toBeNull()
  await vendors.command('moveTask', { taskId: task.id, vendorId: quick.id }, 'task { id }')
  expect(await stuck()).toEqual({ stuckSince: null, vendor: { id: quick.id } })
  expect(await work(slow)).toEqual({ openTaskCount: 0, stuckTaskCount: 0 })
  expect(await work(quick)).toEqual({ openTaskCount: 1, stuckTaskCount: 0 })
  await expect(vendors.submit(slow.id, task.id, [aResult(task.items[1]!.id)])).rejects.toThrow('of yours')
  expect((await vendors.itemsFor(quick.id, task.id)).map((item) => item.id)).toEqual([task.items[1]!.id])

  const said: { type: string }[] = await platform.database.query(
    `select type from outbox where entity_id = $1 and type ~ 'stuck|assigned' order by position`,
    [task.id],
  )
  expect(said.map(({ type }) => type)).toEqual(
    ['assigned', 'stuck', 'assigned'].map((event) => `ymir.labelling_task.${event}.v1`),
  )

  await vendors.command('closeVendor', { vendorId: quick.id }, 'vendor { closedAt }')
  const versionId = await platform.aVersion(someAssets(1))
  expect(await vendors.people.create({ versionId, vendorId: quick.id })).toMatchObject({ code: 'NOT_FOUND' })
  await vendors.command('moveTask', { taskId: task.id, vendorId: null }, 'task { id }')
  expect((await vendors.people.claim(task.id)).done?.id).toBe(task.items[1]!.id)
})
