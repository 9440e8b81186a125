import { randomUUID } from 'node:crypto'
import { waitUntil } from '@ymir/service'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { startTestPlatform, type TestPlatform } from '../testing/platform.ts'
import { aDoor, connectedOn, cvatRig, labelStudioRig, type Box, type Rig } from './testing/rig.ts'

const personalToken = 'header.payload.signature'
const box: Box = { x: 10, y: 20, width: 30, height: 16 }

let platform: TestPlatform
let connected: ReturnType<typeof connectedOn>
let door: Awaited<ReturnType<typeof aDoor>>
beforeAll(async () => {
  platform = await startTestPlatform({ pollSeconds: 0.25 })
  connected = connectedOn(platform)
  door = await aDoor(platform)
})
afterAll(async () => {
  await platform.stop()
  await door.stop()
})

const rigs = [
  { name: 'Label Studio', start: labelStudioRig, startSlow: () => labelStudioRig({ importsLater: true }) },
  { name: 'CVAT', start: cvatRig, startSlow: () => cvatRig({ takesInMs: 4_000 }) },
]

// a machine that does many other things lets a tool's looks wait
vi.setConfig({ testTimeout: 90_000 })
const soon = { timeoutMs: 60_000, everyMs: 50 }
const there = (rig: Rig, count: number) =>
  waitUntil(`${count} images in the tool`, () => rig.images().length === count, soon)
const inState = (taskId: string, itemId: string, state: string) =>
  waitUntil(
    `image ${itemId} to be ${state}`,
    async () => (await connected.item(taskId, itemId))?.state === state,
    soon,
  )
/** The task was compared with the tool another time, and all is well. */
async function lookedAgain(vendorId: string): Promise<void> {
  const since = new Date()
  await waitUntil(
    'another look',
    async () => new Date((await connected.seen(vendorId))?.lastLookAt ?? 0) > since,
    soon,
  )
}

describe.each(rigs)('$name', ({ start, startSlow }) => {
  test('takes a task from its images and boxes to its result', async () => {
    const rig = await start()
    const { vendorId, task, itemIds } = await connected.aTask(rig, { images: 3, scores: [0.87, 0.4] })
    await there(rig, 3)
    const inTool = rig
      .images()
      .sort((one, other) => itemIds.indexOf(one.itemId) - itemIds.indexOf(other.itemId))
    expect(inTool.map(({ itemId }) => itemId)).toEqual(itemIds)
    await expect
      .poll(() =>
        rig
          .images()
          .flatMap(({ boxes }) => boxes.map(({ score }) => score))
          .sort(),
      )
      .toEqual([0.4, 0.87])
    const [first] = rig.images().find(({ itemId }) => itemId === itemIds[0])?.boxes ?? []
    expect(first).toMatchObject({ label: 'brick', x: 60, width: 20 })
    expect(first?.y).toBeCloseTo(40, 6)

    await waitUntil('the links', async () => (await linksOf(task.id)) === 3, soon)
    const [one = '', two = '', three = ''] = itemIds
    await rig.work(
      new Map([
        [one, [box, { ...box, label: 'plate', x: 50.5 }]],
        [two, []],
      ]),
    )
    await rig.skip(three)
    const request = await platform.requestFor(task.id)
    const lines = await platform.linesOf(request)
    expect(lines.map(({ annotations }) => annotations.length)).toEqual([2, 0])
    expect(lines[0]?.annotations).toMatchObject([
      { label: 'brick', box: { x: 10, y: 20, width: 30, height: 16 } },
      { label: 'plate', box: { x: 50.5, y: 20, width: 30, height: 16 } },
    ])
    expect((await connected.item(task.id, three))?.skipReason).toMatch(/Label Studio|CVAT/)
    expect(await connected.seen(vendorId)).toMatchObject({ tool: rig.tool, url: rig.server.url, refused: [] })
    await rig.server.stop()
  })

  test('has turned boxes turned, gives them back turned, and leaves the others as they were', async () => {
    const rig = await start()
    const plain = { label: 'brick', box: { x: 10, y: 20, width: 33, height: 16.5 } }
    // long and upright at the left border: it reaches beyond it as it lies before it is turned
    const upright = { label: 'plate', box: { x: -14, y: 36, width: 40, height: 8 }, rotation: Math.PI / 2 }
    const oblique = { label: 'brick', box: { x: 50, y: 30, width: 30, height: 12 }, rotation: 5.5 }
    const annotations = [plain, upright, oblique]
    const { task, itemIds } = await connected.aTask(rig, { images: 1, annotations, keepAnnotations: true })
    await waitUntil('the links', async () => (await linksOf(task.id)) === 1, soon)
    const boxes = rig.images()[0]?.boxes ?? []
    expect(boxes.map(({ rotation }) => rotation)).toEqual([
      ...[undefined, expect.closeTo(90), expect.closeTo((5.5 * 180) / Math.PI)],
    ])

    await rig.work(new Map([[itemIds[0] ?? '', boxes]]))
    const [line] = await platform.linesOf(await platform.requestFor(task.id))
    const near = ({ box: { x, y, width, height }, ...more }: { box: Box; rotation?: number }) => ({
      ...more,
      ...('rotation' in more ? { rotation: expect.closeTo(more.rotation ?? 0, 8) } : {}),
      box: {
        x: expect.closeTo(x, 6),
        y: expect.closeTo(y, 6),
        width: expect.closeTo(width, 6),
        height: expect.closeTo(height, 6),
      },
    })
    expect(line?.annotations).toMatchObject([plain, near(upright), near(oblique)])
    expect(line?.annotations[0]).not.toHaveProperty('rotation')
    await rig.server.stop()
  })

  test('makes everything once, though answers are lost and it fails in between', async () => {
    const rig = await startSlow()
    const stopOther = platform.startsOtherChores() // another process of the service
    rig.server.losesAnswerTo(rig.creating.project)
    rig.server.failsAt(rig.creating.files)
    rig.server.losesAnswerTo(rig.creating.files)
    rig.server.losesAnswerTo(rig.creating.images)
    rig.server.losesAnswerTo(rig.creating.hook)
    const { vendorId, task, itemIds } = await connected.aTask(rig, {
      scores: [0.5, 0.6],
      platformUrl: door.url,
    })
    await waitUntil('the links', async () => (await linksOf(task.id)) === 2, soon)
    await stopOther()
    await expect.poll(async () => (await connected.seen(vendorId))?.problem).toBe(null)
    await lookedAgain(vendorId)
    expect([rig.projectCount(), rig.hookCount(), rig.heldCount()]).toEqual([1, 1, 2])
    expect(
      rig
        .images()
        .map(({ itemId }) => itemId)
        .sort(),
    ).toEqual([...itemIds].sort())
    expect(rig.images().map(({ boxes }) => boxes.length)).toEqual([1, 1])
    await rig.server.stop()
  })

  test('is heard at once when it says that something is new, ten times as once, and when it says nothing', async () => {
    const rig = await start()
    const { vendorId, task, itemIds } = await connected.aTask(rig, { review: true, platformUrl: door.url })
    const [one = '', two = ''] = itemIds
    await waitUntil('the links', async () => (await linksOf(task.id)) === 2, soon)
    await connected.holdPolls(task.id)
    rig.server.webhooks.times = 10
    await rig.work(
      new Map([
        [one, [box]],
        [two, []],
      ]),
    )
    await inState(task.id, one, 'LABELLED')
    expect(new Set(rig.server.webhooks.answers)).toEqual(new Set([202]))
    await inState(task.id, two, 'LABELLED')
    await lookedAgain(vendorId).catch(() => {}) // the ten may be one look
    expect(await revisionsOf(task.id)).toEqual([0, 0])

    await askAgain(task.id)
    rig.server.webhooks.isLost = true
    await rig.work(
      new Map([
        [one, [{ ...box, x: 12 }]],
        [two, []],
      ]),
    )
    await waitUntil(
      'the change to be found',
      async () => (await connected.item(task.id, one))?.annotations[0]?.box,
      soon,
    )
    await expect
      .poll(async () => (await connected.item(task.id, one))?.annotations[0]?.box)
      .toMatchObject({ x: 12 })
    expect(await revisionsOf(task.id)).toEqual([1, 0])
    await rig.server.stop()
  })

  test('is not heard without its proof', async () => {
    const rig = await start()
    const { vendorId, task } = await connected.aTask(rig, { platformUrl: door.url })
    await waitUntil('the links', async () => (await linksOf(task.id)) === 2, soon)
    await connected.holdPolls(task.id)
    const before = rig.server.asked.length
    const name = rig.tool === 'CVAT' ? 'cvat' : 'label-studio'
    const proofs = ['', 'wrong', `sha256=${'0'.repeat(64)}`]
    for (const proof of proofs)
      for (const id of [vendorId, randomUUID(), 'no id']) {
        const answer = await fetch(`${door.url}/vendor/connectors/${id}/${name}`, {
          method: 'POST',
          body: '{}',
          headers: { 'x-ymir-secret': proof, 'x-signature-256': proof },
        })
        expect(answer.status).toBe(401)
      }
    const [{ asleep }] = await platform.database.query(
      `select next_look_at > now() + interval '50 minutes' as asleep from connector_tasks where task_id = $1`,
      [task.id],
    )
    expect([asleep, rig.server.asked.length]).toEqual([true, before])
    await rig.server.stop()
  })

  test('gets back what was sent back, with the comment, and the same boxes again count as an answer', async () => {
    const rig = await start()
    const { task, itemIds } = await connected.aTask(rig, { review: true })
    const [one = '', two = ''] = itemIds
    await waitUntil('the links', async () => (await linksOf(task.id)) === 2, soon)
    await rig.work(
      new Map([
        [one, [box]],
        [two, [box]],
      ]),
    )
    await inState(task.id, one, 'LABELLED')
    await inState(task.id, two, 'LABELLED')
    await connected.vendors.people.sendBack(one, 'too small')
    await waitUntil('the image to be open again', () => rig.reopened(one).isOpen, soon)
    expect(rig.reopened(one).words).toBe('sent back (1): too small')
    await inState(task.id, one, 'SENT_BACK')

    await rig.work(
      new Map([
        [one, [box]],
        [two, [box]],
      ]),
    )
    await inState(task.id, one, 'LABELLED')
    expect(await revisionsOf(task.id)).toEqual([1, 0])
    await connected.vendors.people.accept(one)
    await connected.vendors.people.accept(two)
    await platform.requestFor(task.id)
    await rig.server.stop()
  })

  test('has an answer refused that cannot be taken, which holds up no other, until it is mended', async () => {
    const rig = await start()
    const { vendorId, task, itemIds } = await connected.aTask(rig, { review: true })
    const [one = '', two = ''] = itemIds
    await waitUntil('the links', async () => (await linksOf(task.id)) === 2, soon)
    await rig.work(
      new Map([
        [one, [{ ...box, x: 95 }]],
        [two, [box]],
      ]),
    )
    await inState(task.id, two, 'LABELLED')
    await expect
      .poll(async () => (await connected.seen(vendorId))?.refused)
      .toMatchObject([{ itemId: one, problem: expect.stringContaining('beyond the image') }])
    expect((await connected.item(task.id, one))?.state).toBe('WAITING')
    await rig.work(
      new Map([
        [one, [box]],
        [two, [box]],
      ]),
    )
    await inState(task.id, one, 'LABELLED')
    await expect.poll(async () => (await connected.seen(vendorId))?.refused).toEqual([])
    await rig.server.stop()
  })

  test('that cannot be reached is said, asked again, and comes back', async () => {
    const rig = await start()
    const { vendorId, task, itemIds } = await connected.aTask(rig, { review: true })
    await waitUntil('the links', async () => (await linksOf(task.id)) === 2, soon)
    rig.server.goesDown()
    await expect
      .poll(async () => (await connected.seen(vendorId))?.problem)
      .toMatch(/(Label Studio|CVAT) at 127\.0\.0\.1:\d+ cannot be reached/)
    rig.server.comesBack()
    await rig.work(new Map(itemIds.map((id) => [id, [box]])))
    await inState(task.id, itemIds[0] ?? '', 'LABELLED')
    await expect.poll(async () => (await connected.seen(vendorId))?.problem).toBe(null)
    await rig.server.stop()
  })

  test('that cannot be made to call us is asked all the same, and tried again', async () => {
    const rig = await start()
    for (let time = 0; time < 5; time++) rig.server.failsAt(rig.creating.hook)
    const { vendorId, task, itemIds } = await connected.aTask(rig, { review: true, platformUrl: door.url })
    await expect
      .poll(async () => (await connected.seen(vendorId))?.problem)
      .toContain('it says nothing of itself, and is only asked')
    await waitUntil('the links', async () => (await linksOf(task.id)) === 2, soon)
    await rig.work(new Map(itemIds.map((id) => [id, [box]])))
    await inState(task.id, itemIds[0] ?? '', 'LABELLED')
    await expect.poll(async () => (await connected.seen(vendorId))?.problem).toBe(null)
    expect(rig.hookCount()).toBe(1)
    await rig.server.stop()
  })

  test('has nothing left to do of a task that was cancelled, and gets back one that was with people', async () => {
    const rig = await start()
    const { vendorId, task } = await connected.aTask(rig, { platformUrl: door.url })
    await waitUntil('the links', async () => (await linksOf(task.id)) === 2, soon)
    await waitUntil('the webhook', () => rig.hookCount() === 1, soon)
    const move = (to: string | null) =>
      connected.vendors.command('moveTask', { taskId: task.id, vendorId: to }, 'task { id }')
    const isEnded = () => rig.openCount() === 0 && rig.hookCount() === 0
    await move(null)
    await waitUntil('the task to be ended there', isEnded, soon)
    await waitUntil('the links to be gone', async () => (await linksOf(task.id)) === 0, soon)

    await move(vendorId)
    await waitUntil('the task to be there again', async () => (await linksOf(task.id)) === 2, soon)
    await waitUntil('the webhook', () => rig.hookCount() === 1, soon)
    expect([rig.projectCount(), rig.images().length]).toEqual([1, 2])
    await connected.vendors.people.cancel(task.id)
    await waitUntil('the task to be ended there', isEnded, soon)
    expect(await connected.seen(vendorId)).toMatchObject({ problem: null })
    await rig.server.stop()
  })

  test('gets again what somebody has deleted there', async () => {
    const rig = await start()
    const { vendorId, task, itemIds } = await connected.aTask(rig)
    await waitUntil('the links', async () => (await linksOf(task.id)) === 2, soon)
    rig.remove(itemIds[0])
    await waitUntil('the image to be sent again', () => rig.images().length === 2, soon)
    await waitUntil('the links', async () => (await linksOf(task.id)) === 2, soon)
    rig.remove()
    await waitUntil('the project to be made again', () => rig.images().length === 2, soon)
    await lookedAgain(vendorId)
    expect([rig.projectCount(), (await connected.seen(vendorId))?.problem]).toEqual([1, null])
    await rig.server.stop()
  })

  test('is connected by owners, to an address that answers, with a token that is good', async () => {
    const rig = await start()
    const { id: vendorId } = await connected.vendors.create()
    await expect(connected.connect(vendorId, rig, { token: 'wrong' })).rejects.toThrow('status 401')
    await expect(connected.connect(vendorId, rig, { url: 'ftp://127.0.0.1' })).rejects.toThrow('not an http')
    await expect(connected.connect(vendorId, rig, { url: 'http://127.0.0.1:1' })).rejects.toThrow(
      'cannot be reached',
    )
    await expect(connected.connect(vendorId, rig, { url: `${rig.server.url}/nothing/here` })).rejects.toThrow(
      '404',
    )
    expect(await connected.seen(vendorId)).toBe(null)

    await connected.connect(vendorId, rig)
    const connect = `mutation ($input: ConnectVendorInput!) { connectVendor(input: $input) { vendor { id } } }`
    const input = { vendorId, tool: rig.tool, url: rig.server.url, token: rig.server.token }
    const editor = platform.someone('EDITOR')
    expect(await platform.ask(editor, connect, { input })).toMatchObject({ code: 'FORBIDDEN' })
    expect(await platform.ask(platform.stranger(), connect, { input })).toMatchObject({ code: 'NOT_FOUND' })
    const disconnect = `mutation ($id: ID!) { disconnectVendor(input: { vendorId: $id }) { vendor { id } } }`
    expect(await platform.ask(editor, disconnect, { id: vendorId })).toMatchObject({ code: 'FORBIDDEN' })
    const look = `query ($id: ID!) { vendor(id: $id) { connector { url } } }`
    expect((await platform.ask(editor, look, { id: vendorId })).data.vendor.connector).toBe(null)
    const hear = `mutation ($input: HearToolInput!) { hearTool(input: $input) { isHeard } }`
    const call = { vendorId, tool: rig.tool, proof: '', body: '' }
    expect(await platform.ask(connected.vendors.owner, hear, { input: call })).toMatchObject({
      code: 'FORBIDDEN',
    })

    const [{ token, secret }] = await platform.database.query(
      `select encode(token, 'escape') as token, encode(secret, 'escape') as secret from vendor_connectors where vendor_id = $1`,
      [vendorId],
    )
    expect(`${token}${secret}`).not.toContain(rig.server.token)
    await platform.ask(connected.vendors.owner, disconnect, { id: vendorId })
    expect(await connected.seen(vendorId)).toBe(null)
    await rig.server.stop()
  })
})

test('Label Studio is known with a personal token, and imports in the background', async () => {
  const rig = await labelStudioRig({ token: personalToken, importsLater: true })
  const { task } = await connected.aTask(rig, { scores: [0.9] })
  await waitUntil('the links', async () => (await linksOf(task.id)) === 2, soon)
  expect(rig.images()).toHaveLength(2)
  expect(rig.server.count(/token\/refresh/)).toBeGreaterThan(0)
  await rig.server.stop()
})

test('Label Studio says how long answers took; what it cannot mean, and CVAT, say nothing', async () => {
  for (const [rig, seconds] of [
    [await labelStudioRig({ leadTime: 12.5 }), 12.5],
    [await labelStudioRig({ leadTime: 100_000 }), null],
    [await cvatRig(), null],
  ] as const) {
    const { task, itemIds } = await connected.aTask(rig, { images: 1, review: true })
    await waitUntil('the links', async () => (await linksOf(task.id)) === 1, soon)
    await rig.work(new Map([[itemIds[0] ?? '', [box]]]))
    await inState(task.id, itemIds[0] ?? '', 'LABELLED')
    const query = `query ($id: ID!) { labellingTask(id: $id) { labellers { secondsPerImage } } }`
    const { data } = await platform.ask(connected.vendors.owner, query, { id: task.id })
    expect(data.labellingTask.labellers).toEqual([{ secondsPerImage: seconds }])
    await rig.server.stop()
  }
})

test('a class that the tool has and the task has not is refused', async () => {
  const rig = await labelStudioRig()
  const { vendorId, task, itemIds } = await connected.aTask(rig, { images: 1 })
  await waitUntil('the links', async () => (await linksOf(task.id)) === 1, soon)
  await rig.work(new Map([[itemIds[0] ?? '', [{ ...box, label: 'wheel' }]]]))
  await expect
    .poll(async () => (await connected.seen(vendorId))?.refused[0]?.problem)
    .toContain('"wheel" is no class of the task')
  await rig.server.stop()
})

test('CVAT gets many images in jobs of twenty, and a job is answered when it is completed', async () => {
  const rig = await cvatRig()
  const { task, itemIds } = await connected.aTask(rig, { images: 45, review: true })
  await waitUntil('the links', async () => (await linksOf(task.id)) === 45, soon)
  await rig.work(new Map([[itemIds[0] ?? '', [box]]]))
  await inState(task.id, itemIds[19] ?? '', 'LABELLED')
  expect((await connected.item(task.id, itemIds[20] ?? ''))?.state).toBe('WAITING')
  await rig.server.stop()
})

async function linksOf(taskId: string): Promise<number> {
  const [{ count }] = await platform.database.query(
    `select count(*)::int as count from connector_items where task_id = $1`,
    [taskId],
  )
  return count
}

/** In the order of the task. */
async function revisionsOf(taskId: string): Promise<number[]> {
  const rows: { vendor_revision: number }[] = await platform.database.query(
    `select vendor_revision from labelling_items where task_id = $1 order by position`,
    [taskId],
  )
  return rows.map((row) => row.vendor_revision)
}

/** Looks are due again, as they usually are. */
async function askAgain(taskId: string): Promise<void> {
  await platform.database.query(`update connector_tasks set next_look_at = now() where task_id = $1`, [
    taskId,
  ])
}
