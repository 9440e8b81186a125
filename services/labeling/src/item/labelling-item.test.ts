import { randomUUID } from 'node:crypto'
import type { ProjectRole } from '@ymir/graphql'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { aBox, clientOf, type SeenItem } from '../testing/client.ts'
import { someAssets, startTestPlatform, type TestPlatform } from '../testing/platform.ts'

let platform: TestPlatform
beforeAll(async () => {
  platform = await startTestPlatform()
})
afterAll(() => platform.stop())

const someone = (role: ProjectRole = 'ANNOTATOR') => clientOf(platform, platform.someone(role))

/** A task for people, its images there. */
async function aTask({ images = 3, review = false } = {}) {
  const editor = someone('EDITOR')
  const versionId = await platform.aVersion(someAssets(images))
  const { done } = await editor.create({ versionId, classes: ['brick'], review })
  const task = await editor.ready(done?.id ?? '')
  return { editor, taskId: task.id, items: task.items }
}

/** Claims the next image, as a test that is about something else needs it. */
async function claimed(annotator: ReturnType<typeof someone>, taskId: string): Promise<SeenItem> {
  const { done } = await annotator.claim(taskId)
  if (!done) throw new Error('no image was free')
  return done
}

/** Lets the ten minutes of a claim be over. */
const letClaimRunOut = (itemId: string) =>
  platform.database.query(
    `update labelling_items set claimed_until = now() - interval '1 second' where id = $1`,
    [itemId],
  )

test('annotators who claim at the same time never get the same image, and all images go', async () => {
  const { taskId, items } = await aTask({ images: 12 })
  const annotators = Array.from({ length: 20 }, () => someone())

  const claims = await Promise.all(annotators.map((annotator) => annotator.claim(taskId)))

  expect(claims.map(({ code }) => code)).toEqual(claims.map(() => undefined))
  const given = claims.flatMap(({ done }) => (done ? [done.assetId] : []))
  expect(given.sort()).toEqual(items.map(({ assetId }) => assetId).sort())
})

test('two annotators who claim the same image by its id: one gets it, the other is told so', async () => {
  const { taskId, items } = await aTask()
  const itemId = items[1]?.id ?? ''

  const claims = await Promise.all([someone(), someone()].map((one) => one.claim(taskId, itemId)))

  expect(claims.filter(({ done }) => done?.id === itemId)).toHaveLength(1)
  expect(claims.filter(({ code }) => code === 'CONFLICT')).toHaveLength(1)
})

test('images come in the order of the version, and each answer counts', async () => {
  const { taskId, items } = await aTask()
  const annotator = someone()

  for (const { id } of items) {
    const item = await claimed(annotator, taskId)
    expect(item).toMatchObject({ id, state: 'CLAIMED', claimedBy: { id: annotator.userId } })
    const { done } = await annotator.submit(id, [aBox(7)])
    const annotations = [{ label: 'brick', box: { x: 7, y: 1, width: 10, height: 10 } }]
    expect(done).toMatchObject({ state: 'LABELLED', claimedBy: null, annotations })
    expect(done?.answeredBy).toEqual({ id: annotator.userId })
  }

  expect(await annotator.claim(taskId)).toMatchObject({ done: null, code: undefined })
  await platform.stateSaid(taskId, 'STORING')
  expect(platform.progressOf(taskId)).toEqual([0, 1, 2, 3])
})

test('only who has an image answers it', async () => {
  const { taskId, items } = await aTask()
  const [holder, other] = [someone(), someone()]
  const { id } = await claimed(holder, taskId)
  const free = items[1]?.id ?? ''

  for (const refused of [
    await other.submit(id),
    await other.skip(id),
    await other.release(id),
    await other.submit(free),
    await other.claim(taskId, id),
  ])
    expect(refused).toMatchObject({ done: null, code: 'CONFLICT' })
  await holder.submit(id)
  expect(await other.submit(id)).toMatchObject({ code: 'CONFLICT' })
})

test('when the time of a claim is over, others may claim the image; until they do, the work counts', async () => {
  const { taskId } = await aTask()
  const [slow, slower, next] = [someone(), someone(), someone()]
  const first = await claimed(slow, taskId)
  const second = await claimed(slower, taskId)
  await letClaimRunOut(first.id)
  await letClaimRunOut(second.id)

  expect((await slow.submit(first.id)).done?.state).toBe('LABELLED')
  expect((await claimed(next, taskId)).id).toBe(second.id)
  expect(await slower.submit(second.id)).toMatchObject({ done: null, code: 'CONFLICT' })
  expect((await next.submit(second.id)).done?.answeredBy).toEqual({ id: next.userId })
})

test('claiming an image of one’s own again gives another ten minutes', async () => {
  const { taskId } = await aTask()
  const [annotator, other] = [someone(), someone()]
  const { id } = await claimed(annotator, taskId)
  await letClaimRunOut(id)

  expect((await annotator.claim(taskId, id)).done?.id).toBe(id)
  expect((await claimed(other, taskId)).id).not.toBe(id)
})

test('an image given back goes to the next who claims', async () => {
  const { taskId } = await aTask()
  const annotator = someone()
  const { id } = await claimed(annotator, taskId)

  expect((await annotator.release(id)).done).toMatchObject({ state: 'WAITING', claimedBy: null })
  expect(await annotator.submit(id)).toMatchObject({ code: 'CONFLICT' })
  expect((await claimed(someone(), taskId)).id).toBe(id)
})

test('an answer may be given anew, also as a skip, while the task is open', async () => {
  const { taskId } = await aTask()
  const annotator = someone()
  const { id } = await claimed(annotator, taskId)

  await annotator.submit(id, [aBox(1)])
  expect((await annotator.submit(id, [aBox(2), aBox(3)])).done?.annotations).toHaveLength(2)
  expect((await annotator.skip(id)).done).toMatchObject({ state: 'SKIPPED', skipReason: 'too dark' })
  expect((await annotator.submit(id, [])).done).toMatchObject({
    ...{ state: 'LABELLED', skipReason: null, annotations: [] },
  })
})

test('the same answer again changes nothing, even when it was the last of the task', async () => {
  const { taskId } = await aTask({ images: 2 })
  const annotator = someone()
  const [first, last] = [await claimed(annotator, taskId), await claimed(annotator, taskId)]
  await annotator.skip(first.id, ' blurred ')

  const answers = await Promise.all([annotator.submit(last.id), annotator.submit(last.id)])
  const late = [
    await annotator.submit(last.id),
    await annotator.submit(last.id, [{ ...aBox(), difficult: false }]),
    await annotator.skip(first.id, 'blurred'),
  ]

  for (const { done, code } of [...answers, ...late]) {
    expect(code).toBeUndefined()
    expect(['LABELLED', 'SKIPPED']).toContain(done?.state)
  }
  expect(await annotator.submit(last.id, [aBox(40)])).toMatchObject({ code: 'CONFLICT' })
  const request = await platform.requestFor(taskId)
  expect(await platform.linesOf(request)).toHaveLength(1)
  await platform.created(request)
  await platform.stateSaid(taskId, 'SUCCEEDED')
  expect(platform.progressOf(taskId)).toEqual([0, 1, 2])
  expect(platform.statesOf(taskId)).toEqual(['OPEN', 'STORING', 'SUCCEEDED'])
})

test('the last two answers at the same time close the task once', async () => {
  const { taskId } = await aTask({ images: 2 })
  const annotators = [someone(), someone()]
  const items = [await claimed(annotators[0]!, taskId), await claimed(annotators[1]!, taskId)]

  const answers = await Promise.all(items.map(({ id }, index) => annotators[index]!.submit(id)))

  expect(answers.map(({ done }) => done?.state)).toEqual(['LABELLED', 'LABELLED'])
  const request = await platform.requestFor(taskId)
  await platform.created(request)
  await platform.stateSaid(taskId, 'SUCCEEDED')
  expect(platform.statesOf(taskId)).toEqual(['OPEN', 'STORING', 'SUCCEEDED'])
})

test('an image sent back comes again with the comment, starts from the answer, and is to be answered anew', async () => {
  const { editor, taskId } = await aTask({ images: 1, review: true })
  const [annotator, other] = [someone(), someone()]
  const { id } = await claimed(annotator, taskId)
  await annotator.submit(id, [aBox(5)])

  expect((await editor.sendBack(id, 'the left one is missing')).done?.state).toBe('SENT_BACK')
  expect(await annotator.submit(id, [aBox(5)])).toMatchObject({ code: 'CONFLICT' }) // claims it first
  const again = await claimed(other, taskId)
  expect(again).toMatchObject({ id, comment: 'the left one is missing', annotations: [{ label: 'brick' }] })
  expect((await other.release(id)).done?.state).toBe('SENT_BACK')
  await annotator.claim(taskId, id)
  await annotator.submit(id, [aBox(5), aBox(30)])

  expect((await editor.accept(id)).done).toMatchObject({ state: 'ACCEPTED', comment: null })
  const [line] = await platform.linesOf(await platform.requestFor(taskId))
  expect(line?.annotations).toHaveLength(2)
})

test('a task with review waits until every answer is accepted; what is skipped needs no review', async () => {
  const { editor, taskId } = await aTask({ images: 2, review: true })
  const annotator = someone()
  const [first, second] = [await claimed(annotator, taskId), await claimed(annotator, taskId)]
  await annotator.submit(first.id)
  await annotator.skip(second.id)

  expect(await editor.see(taskId)).toMatchObject({ state: 'OPEN', doneCount: 2, acceptedCount: 0 })
  expect(await editor.accept(second.id)).toMatchObject({ code: 'CONFLICT' })
  await editor.accept(first.id)
  expect((await editor.accept(first.id)).done?.state).toBe('ACCEPTED') // again: nothing changes
  expect(await annotator.submit(first.id, [aBox(9)])).toMatchObject({ code: 'CONFLICT' })
  expect(await platform.linesOf(await platform.requestFor(taskId))).toHaveLength(1)
})

test('an accepted answer may still be sent back while the task is open', async () => {
  const { editor, taskId } = await aTask({ images: 2, review: true })
  const annotator = someone()
  const { id } = await claimed(annotator, taskId)
  await annotator.submit(id)
  await editor.accept(id)

  expect((await editor.sendBack(id, 'look again')).done?.state).toBe('SENT_BACK')
  expect(await editor.see(taskId)).toMatchObject({ doneCount: 0, acceptedCount: 0 })
})

test('a reviewer corrects an answer and accepts it in one step; it counts as not accepted for its labeller', async () => {
  const { editor, taskId } = await aTask({ images: 1, review: true })
  const annotator = someone()
  const { id } = await claimed(annotator, taskId)
  await annotator.submit(id, [aBox(1)])

  expect(await editor.accept(id, [aBox(1, 'cat')])).toMatchObject({ code: 'BAD_USER_INPUT' })
  expect(await someone().accept(id, [aBox(4)])).toMatchObject({ code: 'FORBIDDEN' })
  const corrected = { state: 'ACCEPTED', answeredBy: { id: annotator.userId }, annotations: [aBox(4)] }
  expect((await editor.accept(id, [aBox(4)])).done).toMatchObject(corrected)
  expect((await editor.accept(id, [aBox(4)])).done).toMatchObject(corrected) // again: nothing changes
  const [line] = await platform.linesOf(await platform.requestFor(taskId))
  expect(line?.annotations).toMatchObject([aBox(4)])
  const query = `query ($id: ID!) { labellingTask(id: $id) { labellers { acceptedCount sentBackCount } } }`
  const { data } = await platform.ask(editor.caller, query, { id: taskId })
  expect(data.labellingTask.labellers).toEqual([{ acceptedCount: 0, sentBackCount: 1 }])
})

test('corrections come with an acceptance only', async () => {
  const { editor, taskId } = await aTask({ images: 1, review: true })
  const annotator = someone()
  const { id } = await claimed(annotator, taskId)
  await annotator.submit(id)
  const document = `mutation ($input: ReviewItemInput!) { reviewItem(input: $input) { item { id } } }`
  const input = { itemId: id, accept: false, comment: 'closer', annotations: [aBox(4)] }

  expect(await platform.ask(editor.caller, document, { input })).toMatchObject({ code: 'BAD_USER_INPUT' })
})

test('an answer that cannot be is refused with its place and remedy, and the image stays claimed', async () => {
  const { editor, taskId } = await aTask()
  const annotator = someone()
  const { id } = await claimed(annotator, taskId)
  const outside = { label: 'brick', box: { x: 95, y: 1, width: 10, height: 10 } }

  expect((await annotator.submit(id, [aBox(), outside])).message).toBe(
    'annotations[1]: the box 95, 1, 10 x 10 reaches 5 pixels beyond the image (100x80): draw it inside',
  )
  expect((await annotator.submit(id, [aBox(1, 'cat')])).message).toBe(
    'annotations[0]: "cat" is no class of the task: use one of brick',
  )
  const flat = { label: 'brick', box: { x: 5, y: 80, width: 10, height: 0.5 } }
  expect((await annotator.submit(id, [flat])).message).toMatch(/has no area in the image/)
  expect(await annotator.skip(id, '  ')).toMatchObject({ code: 'BAD_USER_INPUT' })
  expect(await editor.sendBack(id)).toMatchObject({ code: 'BAD_USER_INPUT' })
  expect(await editor.accept(id)).toMatchObject({ code: 'CONFLICT' })
  const seen = (await annotator.see(taskId))?.items.find((item) => item.id === id)
  expect(seen).toMatchObject({ state: 'CLAIMED', claimedBy: { id: annotator.userId } })
})

test('a box up to a pixel over the edge is cut off', async () => {
  const { taskId } = await aTask()
  const annotator = someone()
  const { id } = await claimed(annotator, taskId)

  const { done } = await annotator.submit(id, [
    { label: 'brick', box: { x: -0.6, y: 70, width: 20.6, height: 11 } },
  ])

  expect(done?.annotations[0]?.box).toEqual({ x: 0, y: 70, width: 20, height: 10 })
})

test('a turned box is taken whole when its middle is in the image, in one form whatever turn it is given as', async () => {
  const { taskId } = await aTask()
  const annotator = someone()
  const { id } = await claimed(annotator, taskId)
  // upright at the left border: it reaches beyond it as it lies before it is turned
  const upright = (rotation: number | null, x = -24) => ({
    ...{ label: 'brick', box: { x, y: 30, width: 60, height: 8 }, rotation },
  })

  const { done } = await annotator.submit(id, [upright(-Math.PI / 2), upright(2 * Math.PI, 1)])
  expect(done?.annotations).toEqual([
    { label: 'brick', box: { x: -24, y: 30, width: 60, height: 8 }, rotation: (3 * Math.PI) / 2 },
    { label: 'brick', box: { x: 1, y: 30, width: 60, height: 8 }, rotation: null },
  ])
  const same = await annotator.submit(id, [upright((3 * Math.PI) / 2), upright(null, 1)])
  expect(same.done?.annotations).toEqual(done?.annotations)

  const refusalOf = async (annotation: object) => (await annotator.submit(id, [annotation])).message
  expect(await refusalOf(upright(0.1, -31))).toBe(
    'annotations[0]: the turned box -31, 30, 60 x 8 has its middle outside the image (100x80): draw it inside',
  )
  expect(await refusalOf({ ...upright(1), box: { x: -50, y: 30, width: 150, height: 8 } })).toContain(
    'is longer than the diagonal of the image (100x80)',
  )
  expect(await refusalOf({ ...upright(1), box: { x: 10, y: 30, width: 0, height: 8 } })).toContain('no area')
  expect(await refusalOf(upright(90))).toContain('the rotation 90 is beyond a whole turn: give radians')
  expect(await refusalOf(upright(null))).toContain('reaches 24 pixels beyond the image')
})

test('viewers look, annotators label, editors review; others are told nothing', async () => {
  const { taskId, items } = await aTask()
  const [viewer, annotator] = [someone('VIEWER'), someone()]
  const stranger = clientOf(platform, platform.stranger())
  const id = items[0]?.id ?? ''

  expect((await viewer.see(taskId))?.items).toHaveLength(3)
  expect(await viewer.claim(taskId)).toMatchObject({ code: 'FORBIDDEN' })
  expect(await viewer.submit(id)).toMatchObject({ code: 'FORBIDDEN' })
  await annotator.claim(taskId, id)
  await annotator.submit(id)
  expect(await annotator.accept(id)).toMatchObject({ code: 'FORBIDDEN' })

  expect(await stranger.see(taskId)).toBeNull()
  for (const refused of [
    await stranger.claim(taskId),
    await stranger.submit(id),
    await stranger.accept(id),
    await annotator.submit(randomUUID()),
  ])
    expect(refused).toMatchObject({ done: null, code: 'NOT_FOUND' })
  expect((await stranger.submit(id)).message).toBe(`there is no labelling item ${id}`)
  expect(await clientOf(platform, { kind: 'nobody' }).claim(taskId)).toMatchObject({
    code: 'UNAUTHENTICATED',
  })
})

test('an API key with the scope `label` labels, and does nothing else', async () => {
  const { taskId } = await aTask()
  const vendor = clientOf(platform, platform.someone('EDITOR', ['label']))
  const { id } = await claimed(vendor, taskId)

  expect((await vendor.submit(id)).done?.state).toBe('LABELLED')
  expect(await vendor.accept(id)).toMatchObject({ code: 'FORBIDDEN' })
  expect(await vendor.cancel(taskId)).toMatchObject({ code: 'FORBIDDEN' })
})

test('several answers in one request see each the counts after it', async () => {
  const { taskId } = await aTask()
  const annotator = someone()
  const [first, second] = [await claimed(annotator, taskId), await claimed(annotator, taskId)]
  const answer = (id: string) =>
    `submitItem(input: { itemId: "${id}", annotations: [] }) { item { task { doneCount } } }`

  const { data } = await platform.ask(
    annotator.caller,
    `mutation { one: ${answer(first.id)} two: ${answer(second.id)} }`,
  )

  expect([data.one.item.task.doneCount, data.two.item.task.doneCount]).toEqual([1, 2])
})

test('the answers of somebody are counted by day', async () => {
  const { taskId } = await aTask()
  const annotator = someone()
  await annotator.submit((await claimed(annotator, taskId)).id)
  await annotator.skip((await claimed(annotator, taskId)).id)
  const query = `query ($of: [_Any!]!) { _entities(representations: $of) { ... on User { answersByDay { count } } } }`
  const of = [{ __typename: 'User', id: annotator.userId }]
  const { data } = await platform.ask(annotator.caller, query, { of })
  expect(data._entities).toEqual([{ answersByDay: [{ count: 2 }] }])
  expect(await platform.ask(someone('OWNER').caller, query, { of })).toMatchObject({ code: 'FORBIDDEN' })
})

test('images are claimed ahead: the same again, up to five, and never one that somebody else has', async () => {
  const { taskId, items } = await aTask({ images: 12 })
  const [ann, bob] = [someone(), someone()]
  const first = await ann.claimSome(taskId, 2)
  const [more, repeated, others] = await Promise.all([
    ann.claimSome(taskId, 5),
    ann.claimSome(taskId, 5),
    bob.claimSome(taskId, 5),
  ])
  expect(more.ids.slice(0, 2)).toEqual(first.ids)
  expect(repeated.ids).toEqual(more.ids)
  expect(new Set([...more.ids, ...others.ids]).size).toBe(10)
  const rest = await someone().claimSome(taskId, 5)
  expect([...more.ids, ...others.ids, ...rest.ids].sort()).toEqual(items.map(({ id }) => id).sort())
  await ann.submit(more.ids[0]!)
  expect((await ann.claimSome(taskId, 5)).ids).toEqual(more.ids.slice(1))
  expect((await ann.claimSome(taskId, 6)).code).toBe('BAD_USER_INPUT')
  expect((await someone('VIEWER').claimSome(taskId, 1)).code).toBe('FORBIDDEN')
})

test('a draft is kept for who has the image, and goes with the answer or the claim', async () => {
  const { taskId } = await aTask()
  const [ann, bob] = [someone(), someone()]
  const { id } = await claimed(ann, taskId)
  await ann.saveDraft(id, [aBox(3)])
  expect((await ann.claimSome(taskId, 1)).items).toEqual([{ id, draft: [{ label: 'brick' }] }])
  const seen = (by: typeof ann) =>
    platform.ask(
      by.caller,
      `query ($id: ID!) { labellingItem(id: $id) { draft { label } annotations { label } } }`,
      {
        id,
      },
    )
  expect((await seen(bob)).data.labellingItem.draft).toBeNull()
  expect(await bob.saveDraft(id)).toMatchObject({ code: 'CONFLICT' })
  expect(await ann.saveDraft(id, [aBox(9_999)])).toMatchObject({ code: 'BAD_USER_INPUT' })
  await letClaimRunOut(id)
  expect((await bob.claimSome(taskId, 1)).items).toEqual([{ id, draft: null }])
  await bob.saveDraft(id)
  await bob.submit(id, [])
  expect((await seen(bob)).data.labellingItem).toEqual({ draft: null, annotations: [] })
})

test('the task tells the pace of each labeller, and what reviewers said', async () => {
  const { editor, taskId } = await aTask({ images: 4, review: true })
  const [ann, bob] = [someone(), someone()]
  const [one, two, three] = (await ann.claimSome(taskId, 3)).ids
  for (const id of [one!, two!]) await ann.submit(id)
  await ann.skip(three!)
  // claimed together at 0 s, answered at 10, 14 and 20 s: 10, 4 and 6 s each
  for (const [id, seconds] of [
    [one, 10],
    [two, 14],
    [three, 20],
  ])
    await platform.database.query(
      `update labelling_items set claimed_at = '2026-01-01T00:00:00Z',
              answered_at = '2026-01-01T00:00:00Z'::timestamptz + make_interval(secs => $2) where id = $1`,
      [id, seconds],
    )
  await editor.accept(one!)
  await editor.sendBack(two!, 'closer')
  await editor.sendBack(two!, 'closer') // said again, it is still one review
  await bob.submit((await bob.claim(taskId, two!)).done?.id ?? '')
  await editor.accept(two!)

  const query = `query ($id: ID!) { labellingTask(id: $id) { labellers {
    user { id } answeredCount skippedCount secondsPerImage acceptedCount sentBackCount acceptedShare } } }`
  const { data } = await platform.ask(someone('VIEWER').caller, query, { id: taskId })
  expect(data.labellingTask.labellers).toEqual([
    {
      ...{ user: { id: ann.userId }, answeredCount: 2, skippedCount: 1, secondsPerImage: 10 },
      ...{ acceptedCount: 1, sentBackCount: 1, acceptedShare: 0.5 },
    },
    {
      ...{ user: { id: bob.userId }, answeredCount: 1, skippedCount: 0, secondsPerImage: expect.any(Number) },
      ...{ acceptedCount: 1, sentBackCount: 0, acceptedShare: 1 },
    },
  ])
})
