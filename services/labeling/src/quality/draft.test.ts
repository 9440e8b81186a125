import { randomUUID } from 'node:crypto'
import { writeJsonLines } from '@ymir/blobs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { aBox, clientOf } from '../testing/client.ts'
import { someAssets, startTestPlatform, type TestPlatform } from '../testing/platform.ts'
import { aResult, anAddress, vendorsOf } from '../testing/vendor.ts'

let platform: TestPlatform
let vendors: ReturnType<typeof vendorsOf>
beforeAll(async () => {
  platform = await startTestPlatform()
  vendors = vendorsOf(platform)
})
afterAll(() => platform.stop())

const someone = (role: 'ANNOTATOR' | 'EDITOR' = 'EDITOR') => clientOf(platform, platform.someone(role))

async function aTask({ images = 4, ...input }: { images?: number; [more: string]: unknown } = {}) {
  const editor = someone()
  const versionId = await platform.aVersion(someAssets(images))
  const { done } = await editor.create({ versionId, classes: ['brick', 'plate'], ...input })
  const { id, items } = await editor.ready(done!.id)
  const answer = async (index: number, annotations: readonly object[]) => {
    await editor.claim(id, items[index]!.id)
    await editor.submit(items[index]!.id, annotations)
  }
  return { editor, id, items, answer, ids: items.map((item) => item.id) }
}

const draftQuery = /* GraphQL */ `
  query ($id: ID!) {
    labellingTask(id: $id) {
      draft {
        imageCount
        leftOutCount
        confirmedCount
        changedCount
        addedCount
        removedCount
        movedCount
        relabelledCount
        keptCount
        items(first: 1) {
          totalCount
          pageInfo {
            hasNextPage
          }
          edges {
            node {
              id
              changes {
                kind
                before {
                  label
                }
                after {
                  label
                }
                iou
              }
            }
          }
        }
      }
    }
  }
`
const draftOf = async ({ caller }: ReturnType<typeof someone>, id: string) =>
  (await platform.ask(caller, draftQuery, { id })).data.labellingTask.draft

/** As the n-th image of `someAssets` has it. */
const started = (n: number, change: object = {}, label = 'brick') => ({
  ...{ label, box: { x: n, y: 2, width: 10, height: 20, ...change } },
})

test('a draft tells what the answers so far made of the annotations they started from', async () => {
  const { editor, id, ids, answer } = await aTask({ images: 6, goldVersionId: await goldVersion() })
  const own = (await editor.see(id))!.items.filter(({ assetId }) => assetId.startsWith('a'))
  const at = (n: number) => ids.indexOf(own[n]!.id)
  await answer(at(0), [started(0)]) // confirmed
  await answer(at(1), [started(1, { width: 12 })]) // 10 of 12: moved
  await answer(at(2), [started(2, {}, 'plate'), aBox(70)]) // another class, and one more
  await answer(at(3), []) // removed
  await editor.claim(id, own[4]!.id)
  await editor.skip(own[4]!.id)
  for (const { id: itemId } of (await editor.see(id))!.items.filter((one) =>
    one.assetId.startsWith('gold'),
  )) {
    await editor.claim(id, itemId)
    await editor.submit(itemId, [])
  }

  const { items, ...counts } = await draftOf(editor, id)
  expect(counts).toEqual({
    ...{ imageCount: 4, leftOutCount: 2, confirmedCount: 1, changedCount: 3 },
    ...{ addedCount: 1, removedCount: 1, movedCount: 1, relabelledCount: 1, keptCount: 1 },
  })
  expect(items).toMatchObject({ totalCount: 3, pageInfo: { hasNextPage: true } })
  expect(items.edges).toEqual([
    {
      node: {
        id: own[1]!.id,
        changes: [
          {
            ...{ kind: 'MOVED', before: { label: 'brick' }, after: { label: 'brick' } },
            iou: expect.closeTo(10 / 12, 9),
          },
        ],
      },
    },
  ])
  const refused = await platform.ask(platform.someone('ANNOTATOR'), draftQuery, { id })
  expect(refused).toMatchObject({ code: 'FORBIDDEN' })

  await answer(at(1), [started(1)]) // again, as it was at first
  expect(await draftOf(editor, id)).toMatchObject({ confirmedCount: 2, changedCount: 2, movedCount: 0 })
})

const goldVersion = () => platform.aVersion(someAssets(1, 'brick', 'gold'))

test('a draft tells what became of a model’s predictions, and a reviewer’s corrections count', async () => {
  const found = (x: number, score: number) => ({ ...aBox(x), score })
  const set = await writeJsonLines(platform.blobs, [
    { assetId: 'a00000', predictions: [found(0, 0.9), found(40, 0.8), found(70, 0.2)] },
  ])
  const predictionSetId = randomUUID()
  const sets = [{ id: predictionSetId, ...set, sourceKind: 'MODEL', sourceId: randomUUID() } as const]
  const versionId = await platform.aVersion([{ assetId: 'a00000' }, { assetId: 'a00001' }], { sets })
  const { editor, id, ids, answer } = await aTask({ versionId, predictionSetId, review: true })
  await answer(0, [aBox(0)])
  await answer(1, [])
  expect(await draftOf(editor, id)).toMatchObject({
    ...{ imageCount: 2, confirmedCount: 1, changedCount: 1, keptCount: 1, removedCount: 1 },
  })
  await editor.accept(ids[0]!, [aBox(0), aBox(40)])
  expect(await draftOf(editor, id)).toMatchObject({ confirmedCount: 2, changedCount: 0, keptCount: 2 })
})

const accept = `mutation ($input: AcceptItemsInput!) {
  done: acceptItems(input: $input) { changedCount task { state acceptedCount doneCount } } }`
const sendBack = `mutation ($input: SendBackItemsInput!) {
  done: sendBackItems(input: $input) { changedCount task { state doneCount } } }`

test('all answers are accepted at once; the same again changes nothing, also after the end', async () => {
  const { editor, id, ids, answer } = await aTask({ images: 3, review: true })
  const ask = async (input: object) => {
    const { data, code } = await platform.ask(editor.caller, accept, { input: { taskId: id, ...input } })
    return data?.done ?? code
  }
  await answer(0, [aBox()])
  await answer(1, [aBox()])
  expect(await ask({ itemIds: [ids[0]] })).toMatchObject({ changedCount: 1, task: { acceptedCount: 1 } })
  expect(await ask({})).toMatchObject({ changedCount: 1, task: { state: 'OPEN', acceptedCount: 2 } })
  expect(await ask({})).toMatchObject({ changedCount: 0, task: { acceptedCount: 2 } })
  expect(await ask({ itemIds: [randomUUID()] })).toBe('NOT_FOUND')
  expect(await ask({ itemIds: ['; drop table'] })).toBe('BAD_USER_INPUT')
  await answer(2, [])
  expect(await ask({})).toMatchObject({ changedCount: 1, task: { state: 'STORING', acceptedCount: 3 } })
  expect(await ask({})).toMatchObject({ changedCount: 0, task: { state: 'STORING' } })
  expect(await platform.linesOf(await platform.requestFor(id))).toHaveLength(3)
  const labellers = `query ($id: ID!) { labellingTask(id: $id) { labellers { acceptedCount } } }`
  const { data } = await platform.ask(editor.caller, labellers, { id })
  expect(data.labellingTask.labellers).toEqual([{ acceptedCount: 3 }])
  const annotator = platform.someone('ANNOTATOR')
  for (const mutation of [accept, sendBack]) {
    const input = { taskId: id, ...(mutation === sendBack && { comment: 'no' }) }
    expect(await platform.ask(annotator, mutation, { input })).toMatchObject({ code: 'FORBIDDEN' })
    expect(await platform.ask(platform.stranger(), mutation, { input })).toMatchObject({ code: 'NOT_FOUND' })
  }
})

test('a stored task is sent back in part: those images are answered anew, and give another version', async () => {
  const { editor, id, ids, answer } = await aTask({ images: 3 })
  for (const index of [0, 1, 2]) await answer(index, [aBox(index)])
  const first = await platform.requestFor(id)
  const ask = async (input: object) => {
    const given = { taskId: id, comment: 'wider', ...input }
    const { data, code } = await platform.ask(editor.caller, sendBack, { input: given })
    return data?.done ?? code
  }
  expect(await ask({ itemIds: [ids[1]] })).toBe('CONFLICT') // not while it is stored
  await platform.created(first)
  await platform.stateSaid(id, 'SUCCEEDED')
  expect(await ask({})).toBe('CONFLICT') // all of them: sendBackTask
  expect(await ask({ itemIds: [ids[1]], comment: ' ' })).toBe('BAD_USER_INPUT')
  expect(await ask({ itemIds: [ids[1]] })).toMatchObject({
    changedCount: 1,
    task: { state: 'OPEN', doneCount: 2 },
  })
  expect(await ask({ itemIds: [ids[1]] })).toMatchObject({ changedCount: 0, task: { doneCount: 2 } })
  expect((await editor.see(id))!.items.map(({ state, comment }) => [state, comment])).toEqual([
    ['LABELLED', null],
    ['SENT_BACK', 'wider'],
    ['LABELLED', null],
  ])

  await answer(1, [aBox(50)])
  const second = await platform.requestFor(id, 2)
  expect(second.versionId).not.toBe(first.versionId)
  const xs = (await platform.linesOf(second)).map(({ annotations }) => annotations[0]?.box.x)
  expect(xs).toEqual([0, 50, 2])
})

test('a vendor is told when its answers are sent back, once for all, and answers with the next revision', async () => {
  const address = await anAddress()
  const vendor = await vendors.create({ webhookUrl: address.url })
  const task = await vendors.aTask(vendor.id, { images: 3, review: true })
  await address.nth(1)
  await vendors.submit(
    vendor.id,
    task.id,
    task.items.map(({ id }) => aResult(id)),
  )
  const input = { taskId: task.id, comment: 'tighter' }
  const { data } = await platform.ask(vendors.owner, sendBack, { input })
  expect(data.done).toMatchObject({ changedCount: 3, task: { state: 'OPEN', doneCount: 0 } })
  expect(JSON.parse((await address.nth(2)).body).data).toMatchObject({ state: 'OPEN', todoCount: 3 })
  expect(await vendors.itemsFor(vendor.id, task.id)).toMatchObject(
    task.items.map(({ id }) => ({ id, comment: 'tighter', nextRevision: 1 })),
  )
  expect((await platform.ask(vendors.owner, sendBack, { input })).data.done.changedCount).toBe(0)
  await vendors.submit(
    vendor.id,
    task.id,
    task.items.map(({ id }) => aResult(id, 1, 20)),
  )
  await platform.ask(vendors.owner, accept, { input: { taskId: task.id } })
  expect(await platform.linesOf(await platform.requestFor(task.id))).toHaveLength(3)
  await address.stop()
})
