import { afterAll, beforeAll, expect, test } from 'vitest'
import { aBox, clientOf, type SeenItem } from '../testing/client.ts'
import { someAssets, startTestPlatform, type TestPlatform } from '../testing/platform.ts'
import { vendorsOf } from '../testing/vendor.ts'

let platform: TestPlatform
let vendors: ReturnType<typeof vendorsOf>
beforeAll(async () => {
  platform = await startTestPlatform()
  vendors = vendorsOf(platform)
})
afterAll(() => platform.stop())

const someone = (role: 'ANNOTATOR' | 'EDITOR' = 'ANNOTATOR') => clientOf(platform, platform.someone(role))

async function aTask(images: number, input: object = { overlap: 1 }) {
  const editor = someone('EDITOR')
  const { done } = await editor.create({
    versionId: await platform.aVersion(someAssets(images)),
    classes: ['brick'],
    ...input,
  })
  const { id, items } = await editor.ready(done?.id ?? '')
  return { editor, id, items }
}

/** Answers all that somebody gets. @returns the images */
async function answerAll(who: ReturnType<typeof someone>, taskId: string, x: number): Promise<string[]> {
  const assets: string[] = []
  for (;;) {
    const { done } = await who.claim(taskId)
    if (!done) return assets
    await who.submit(done.id, [aBox(x)])
    assets.push(done.assetId)
  }
}

const otherOf = (items: readonly SeenItem[], { id, assetId }: SeenItem) =>
  items.find((one) => one.assetId === assetId && one.id !== id)!

test('nobody gets an image twice; the second answer is somebody else’s, and the first is stored', async () => {
  const { editor, id, items } = await aTask(6)
  expect(items).toHaveLength(12)
  const [ann, bob] = [someone(), someone()]

  const anns = await answerAll(ann, id, 1)
  expect(new Set(anns).size).toBe(6)
  expect(anns).toHaveLength(6)
  const mine = (await editor.see(id))?.items.find(({ answeredBy }) => answeredBy?.id === ann.userId)
  expect(await ann.claim(id, otherOf(items, mine!).id)).toMatchObject({ code: 'CONFLICT' })
  expect((await ann.claimSome(id, 5)).ids).toEqual([])

  expect((await answerAll(bob, id, 4)).sort()).toEqual(anns.sort())
  const stored = await platform.linesOf(await platform.requestFor(id))
  expect(stored).toHaveLength(6)
  const answers = (await editor.see(id))!.items
  for (const { assetId } of stored) {
    const both = answers.filter((one) => one.assetId === assetId).map(({ answeredBy }) => answeredBy?.id)
    expect(both.sort()).toEqual([ann.userId, bob.userId].sort())
  }
})

test('images claimed ahead, and at the same time, are all different ones', async () => {
  const { id } = await aTask(8)
  const ann = someone()
  const claims = await Promise.all([ann.claim(id), ann.claimSome(id, 3), ann.claim(id), ann.claimSome(id, 5)])
  expect(claims.map(({ code }) => code)).toEqual(claims.map(() => undefined))
  const { items } = (await ann.see(id))!
  const held = items.filter(({ claimedBy }) => claimedBy?.id === ann.userId)
  expect(held.length).toBeGreaterThanOrEqual(5)
  expect(new Set(held.map(({ assetId }) => assetId)).size).toBe(held.length)
})

test('an image sent back goes to whoever did not answer its other copy', async () => {
  const { editor, id, items } = await aTask(1, { overlap: 0.01, review: true })
  expect(items).toHaveLength(2)
  const [ann, bob, eve] = [someone(), someone(), someone()]
  const { done: first } = await ann.claim(id)
  await ann.submit(first!.id, [aBox()])
  const { done: second } = await bob.claim(id)
  await bob.submit(second!.id, [aBox()])
  await editor.sendBack(first!.id, 'closer')

  expect((await bob.claim(id)).done).toBeNull()
  expect((await eve.claim(id)).done?.id).toBe(first!.id)
  await eve.submit(first!.id, [aBox()])
  await editor.sendBack(second!.id, 'closer')
  expect((await ann.claim(id)).done?.id).toBe(second!.id) // whose own answer is another's now
})

test('a reviewer chooses the other answer, which is then stored; choosing it again changes nothing', async () => {
  const { editor, id, items } = await aTask(2, { overlap: 0.5, review: true })
  expect(items).toHaveLength(3)
  await answerAll(someone(), id, 1)
  await answerAll(someone(), id, 30)
  const query = `query ($id: ID!) { labellingTask(id: $id) { items(first: 9) { edges { node { id inResult } } } } }`
  const { data } = await platform.ask(editor.caller, query, { id })
  const second = data.labellingTask.items.edges
    .map(({ node }: { node: { id: string; inResult: boolean } }) => node)
    .find(({ inResult }: { inResult: boolean }) => !inResult)
  const choose = `mutation ($input: ChooseAnswerInput!) { chooseAnswer(input: $input) { item { inResult otherAnswer { inResult } } } }`
  const input = { itemId: second.id }
  expect(await platform.ask(someone().caller, choose, { input })).toMatchObject({ code: 'FORBIDDEN' })
  for (let time = 0; time < 2; time++)
    expect((await platform.ask(editor.caller, choose, { input })).data.chooseAnswer.item).toEqual({
      ...{ inResult: true, otherAnswer: { inResult: false } },
    })

  for (const item of items) await editor.accept(item.id)
  const answers = (await editor.see(id))!.items
  const lines = await platform.linesOf(await platform.requestFor(id))
  expect(lines).toHaveLength(2)
  const chosen = answers.find((one) => one.id === second.id)!
  expect(lines.find(({ assetId }) => assetId === chosen.assetId)?.annotations).toMatchObject(
    chosen.annotations.map(({ label, box }) => ({ label, box })),
  )
  expect(await platform.ask(editor.caller, choose, { input })).toMatchObject({ code: undefined })
})

const fields = /* GraphQL */ `
  {
    user {
      id
    }
    vendor {
      id
    }
    answeredCount
    skippedCount
    boxCount
    secondsPerImage
    goldCount
    precision
    recall
    meanIou
    confusion {
      known
      given
      count
    }
    overlapCount
    agreement
    agreementIou
  }
`
const query = `query ($id: ID!) { labellingTask(id: $id) { quality ${fields} } }`

/** Two bricks in each of two gold images, one of two own images twice. */
async function aCheckedTask(input: object = {}) {
  const known = [aBox(0), aBox(40)]
  const gold = someAssets(2, 'brick', 'gold').map(({ assetId }) => ({ assetId, annotations: known }))
  return {
    versionId: await platform.aVersion(someAssets(2).map(({ assetId }) => ({ assetId }))),
    goldVersionId: await platform.aVersion(gold),
    ...{ goldCount: 2, overlap: 0.5, classes: ['brick', 'plate'], ...input },
  }
}

test('a report has the figures of each labeller, as they answered', async () => {
  const editor = someone('EDITOR')
  const { done } = await editor.create(await aCheckedTask({ review: true }))
  const { id } = await editor.ready(done!.id)
  const [ann, bob] = [someone(), someone()]
  let golds = 0
  for (let item; (item = (await ann.claim(id)).done);) {
    if (!item.assetId.startsWith('gold')) await ann.submit(item.id, [aBox(1), aBox(60)])
    // both bricks, one of them 2 of 10 pixels beside (IoU 2/3); then a plate for a brick, a missed brick, an extra brick
    else await ann.submit(item.id, golds++ ? [aBox(0, 'plate'), aBox(80)] : [aBox(0), aBox(42)])
  }
  const { done: second } = await bob.claim(id)
  await bob.submit(second!.id, [aBox(3)]) // 8 of 12 pixels of ann's first box
  // what a reviewer made of it is not what the labeller did
  for (const { id: itemId, assetId } of (await editor.see(id))!.items)
    if (assetId.startsWith('gold')) await editor.accept(itemId, [aBox(0), aBox(40)])

  const { data } = await platform.ask(editor.caller, query, { id })
  expect(data.labellingTask.quality).toEqual([
    {
      ...{ user: { id: ann.userId }, vendor: null, answeredCount: 4, skippedCount: 0, boxCount: 8 },
      ...{ secondsPerImage: expect.any(Number), goldCount: 2, precision: 0.5, recall: 0.5 },
      meanIou: expect.closeTo(5 / 6, 9),
      confusion: [
        { known: 'brick', given: 'brick', count: 2 },
        { known: 'brick', given: 'plate', count: 1 },
        { known: 'brick', given: null, count: 1 },
        { known: null, given: 'brick', count: 1 },
      ],
      ...{ overlapCount: 1, agreement: expect.closeTo(2 / 3, 9), agreementIou: expect.closeTo(2 / 3, 9) },
    },
    {
      ...{ user: { id: bob.userId }, vendor: null, answeredCount: 1, skippedCount: 0, boxCount: 1 },
      ...{ secondsPerImage: expect.any(Number), goldCount: 0, precision: null, recall: null, meanIou: null },
      ...{ confusion: [], overlapCount: 1 },
      ...{ agreement: expect.closeTo(2 / 3, 9), agreementIou: expect.closeTo(2 / 3, 9) },
    },
  ])
  for (const role of ['ANNOTATOR', 'VIEWER'] as const)
    expect(await platform.ask(platform.someone(role), query, { id })).toMatchObject({ code: 'FORBIDDEN' })
})

test('of a vendor the report is of all its tasks, and stays its own when a task is moved', async () => {
  const vendor = await vendors.create()
  const [first, second] = [
    await vendors.aTask(vendor.id, await aCheckedTask({ overlap: 0 })),
    await vendors.aTask(vendor.id, await aCheckedTask({ overlap: 0.5 })),
  ]
  const assetOf = async (taskId: string) =>
    new Map((await vendors.people.see(taskId))!.items.map(({ id, assetId }) => [id, assetId]))
  const answer = async (
    task: typeof first,
    resultOf: (itemId: string, isGold: boolean) => object | undefined,
  ) => {
    const assets = await assetOf(task.id)
    const results = task.items.map(({ id }) => resultOf(id, assets.get(id)!.startsWith('gold')))
    const given = results.filter((one) => one !== undefined)
    expect(new Set((await vendors.submit(vendor.id, task.id, given)).map(({ outcome }) => outcome))).toEqual(
      new Set(['RECORDED']),
    )
  }
  // the gold of one task is right but for one brick in each image, that of the other is skipped
  await answer(first, (itemId, isGold) => (isGold ? { itemId, annotations: [aBox(0)] } : undefined))
  await answer(second, (itemId, isGold) =>
    isGold ? { itemId, skipReason: 'too dark' } : { itemId, annotations: [aBox(5)] },
  )
  await vendors.command('moveTask', { taskId: first.id, vendorId: null }, 'task { id }')

  const ofVendor = `query ($id: ID!) { vendor(id: $id) { quality ${fields} } }`
  const { data } = await platform.ask(vendors.owner, ofVendor, { id: vendor.id })
  expect(data.vendor.quality).toMatchObject({
    ...{ user: null, vendor: { id: vendor.id }, answeredCount: 7, skippedCount: 2, boxCount: 5 },
    ...{ goldCount: 4, precision: 1, recall: 2 / 8, meanIou: 1 },
    ...{ overlapCount: 1, agreement: 1, agreementIou: 1 },
  })
  expect(data.vendor.quality.secondsPerImage).toBeGreaterThan(0)
  const { data: moved } = await platform.ask(vendors.owner, query, { id: first.id })
  expect(moved.labellingTask.quality).toMatchObject([{ vendor: { id: vendor.id }, answeredCount: 2 }])
  const annotator = platform.someone('ANNOTATOR')
  expect(await platform.ask(annotator, ofVendor, { id: vendor.id })).toMatchObject({ code: 'FORBIDDEN' })
})
