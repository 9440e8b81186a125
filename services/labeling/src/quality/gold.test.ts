import { randomUUID } from 'node:crypto'
import { writeJsonLines } from '@ymir/blobs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { aBox, clientOf } from '../testing/client.ts'
import { someAssets, startTestPlatform, type TestPlatform } from '../testing/platform.ts'
import { aResult, vendorsOf } from '../testing/vendor.ts'

let platform: TestPlatform
let vendors: ReturnType<typeof vendorsOf>
beforeAll(async () => {
  platform = await startTestPlatform()
  vendors = vendorsOf(platform)
})
afterAll(() => platform.stop())

const editor = () => clientOf(platform, platform.someone('EDITOR'))
const isGold = ({ assetId }: { readonly assetId: string }) => assetId.startsWith('gold')
/** Versions with `own` images to label, without annotations, and `gold` with known answers. */
const versions = async (own = 12, gold = 8) => ({
  versionId: await platform.aVersion(someAssets(own).map(({ assetId }) => ({ assetId }))),
  goldVersionId: await platform.aVersion(someAssets(gold, 'brick', 'gold')),
})

async function aTask(input: object = {}) {
  const ada = editor()
  const { done, message } = await ada.create({ ...(await versions()), classes: ['brick'], ...input })
  if (!done) throw new Error(message)
  return { ada, ...(await ada.ready(done.id)) }
}

test('gold images are mixed in and labelled as the others, and are not in the result', async () => {
  const { ada, id, items, itemCount } = await aTask({ goldCount: 5 })
  expect(itemCount).toBe(17)
  expect(items.filter(isGold)).toHaveLength(5)
  expect(items.filter((item) => !isGold(item)).map(({ assetId }) => assetId)).toEqual(
    someAssets(12).map(({ assetId }) => assetId),
  )

  for (const { id: itemId } of items) {
    expect((await ada.claim(id)).done?.id).toBe(itemId)
    await ada.submit(itemId)
  }
  const lines = await platform.linesOf(await platform.requestFor(id))
  expect(lines.map(({ assetId }) => assetId)).toEqual(someAssets(12).map(({ assetId }) => assetId))
  expect(platform.progressOf(id).at(-1)).toBe(17)
})

const allOfItems = /* GraphQL */ `
  query ($id: ID!) {
    labellingTask(id: $id) {
      goldCount
      goldVersion {
        id
      }
      overlap
      items(first: 100) {
        edges {
          node {
            id
            assetId
            width
            height
            state
            comment
            skipReason
            imageUrl
            thumbnailUrl
            inResult
            otherAnswer {
              id
            }
            knownAnnotations {
              label
            }
            changes {
              kind
            }
            annotations {
              label
            }
            keptAnnotations {
              label
            }
            predictions {
              label
            }
            answeredAt
            claimedUntil
          }
        }
      }
    }
  }
`

test('nothing that labellers may ask tells gold images and second copies from others; editors are told', async () => {
  const { id, items } = await aTask({ goldCount: 4, overlap: 0.25 })
  const seenBy = async (role: 'ANNOTATOR' | 'EDITOR') =>
    (await platform.ask(platform.someone(role), allOfItems, { id })).data.labellingTask

  const { items: seen, ...task } = await seenBy('ANNOTATOR')
  expect(task).toEqual({ goldCount: null, goldVersion: null, overlap: null })
  const looks = seen.edges.map(({ node }: { node: Record<string, string> }) =>
    JSON.stringify(node).replaceAll(node.id!, 'ID').replaceAll(node.assetId!, 'ASSET'),
  )
  expect(new Set(looks).size).toBe(1)
  expect(seen.edges[0].node.imageUrl).toBe(`/files/labelling/assets/${items[0]!.id}`)

  const told = await seenBy('EDITOR')
  expect(told).toMatchObject({ goldCount: 4, overlap: 0.25 })
  type Told = { assetId: string; inResult: boolean; knownAnnotations: object[] | null; otherAnswer: object }
  const nodes: Told[] = told.items.edges.map(({ node }: { node: Told }) => node)
  expect(nodes.filter(({ knownAnnotations }) => knownAnnotations).every(isGold)).toBe(true)
  expect(nodes.filter(({ inResult }) => !inResult)).toHaveLength(4 + 3)
  expect(nodes.filter(({ otherAnswer }) => otherAnswer)).toHaveLength(3 + 3)
})

test('nor does anything that a vendor may ask; only the gateway is told of which version an image is', async () => {
  const vendor = await vendors.create()
  const chosen = await versions()
  const task = await vendors.aTask(vendor.id, { ...chosen, goldCount: 4 })
  const query = `query ($taskId: ID!, $itemId: ID!) { vendorImage(taskId: $taskId, itemId: $itemId) { versionId assetId } }`
  const images = await Promise.all(
    task.items.map(async ({ id: itemId }) => {
      const { data } = await platform.ask(platform.vendor(vendor.id), query, { taskId: task.id, itemId })
      return { itemId, ...data.vendorImage }
    }),
  )
  expect(images.filter(isGold)).toHaveLength(4)
  expect(new Set(images.map(({ versionId }) => versionId)).size).toBe(1)
  const looks = task.items.map((item) => JSON.stringify(item).replaceAll(item.id, 'ID'))
  expect(new Set(looks).size).toBe(1)

  const place = `query ($itemId: ID!) { labellingImage(itemId: $itemId) { versionId } }`
  const { itemId } = images.find(isGold)
  expect(await platform.ask(platform.vendor(vendor.id), place, { itemId })).toMatchObject({
    code: 'FORBIDDEN',
  })
  expect(await platform.ask(vendors.owner, place, { itemId })).toMatchObject({ code: 'FORBIDDEN' })
  const { data } = await platform.ask({ kind: 'service', name: 'gateway' }, place, { itemId })
  expect(data.labellingImage).toEqual({ versionId: chosen.goldVersionId })

  await vendors.submit(
    vendor.id,
    task.id,
    task.items.map(({ id }) => aResult(id)),
  )
  expect(await platform.linesOf(await platform.requestFor(task.id))).toHaveLength(12)
})

test('where the others start from annotations and predictions, gold images do too', async () => {
  const found = (label: string, x: number) => ({
    label,
    box: { x, y: 2, width: 9.5, height: 20 },
    score: 0.8,
  })
  const own = someAssets(12)
  const set = await writeJsonLines(
    platform.blobs,
    own.map(({ assetId }, index) => ({ assetId, predictions: [found('brick', index)] })),
  )
  const predictionSetId = randomUUID()
  const versionId = await platform.aVersion(own, {
    sets: [{ id: predictionSetId, ...set, sourceKind: 'MODEL', sourceId: randomUUID() }],
  })
  const known = [0, 20, 40, 60].map((x) => ({ label: 'brick', box: { x, y: 2, width: 18, height: 40 } }))
  const goldVersionId = await platform.aVersion(
    someAssets(6, 'brick', 'gold').map(({ assetId }) => ({ assetId, annotations: known })),
  )
  const { items } = await aTask({ versionId, goldVersionId, goldCount: 6, predictionSetId })
  const gold = items.filter(isGold)
  expect(gold).toHaveLength(6)
  for (const { annotations, predictions } of gold) {
    expect(annotations.length).toBeGreaterThan(0)
    expect(predictions.every(({ score }) => score === 0.8)).toBe(true)
    expect(predictions.length).toBeGreaterThan(0)
  }
  expect(gold.some(({ annotations }) => JSON.stringify(annotations) !== JSON.stringify(known))).toBe(true)
})

test('an image of the version to label, or with nothing of its classes, is never gold', async () => {
  const own = someAssets(5)
  const versionId = await platform.aVersion(own)
  const [a, b, c] = someAssets(3, 'brick', 'gold')
  const goldVersionId = await platform.aVersion([...own, { ...a!, annotations: [] }, b!, c!])
  const { items } = await aTask({ versionId, goldVersionId, goldCount: 100 })
  expect(
    items
      .filter(isGold)
      .map(({ assetId }) => assetId)
      .sort(),
  ).toEqual([b!.assetId, c!.assetId])
  expect(items).toHaveLength(7)

  const ada = editor()
  const { done } = await ada.create({ versionId, goldVersionId: await platform.aVersion(own) })
  const { problem } = await platform.stateSaid(done?.id ?? '', 'FAILED')
  expect(problem).toMatch(/can be gold.*choose another version$/)
})

test('what is asked for is checked', async () => {
  const ada = editor()
  const { versionId, goldVersionId } = await versions(1, 1)
  const foreign = await platform.aVersion(someAssets(1, 'brick', 'gold'), { of: randomUUID() })
  for (const input of [
    { goldVersionId: versionId },
    { goldVersionId, goldCount: 0 },
    { goldVersionId, goldCount: 1_001 },
    { overlap: 1.5 },
    { overlap: -0.1 },
  ])
    expect(await ada.create({ versionId, ...input })).toMatchObject({ code: 'BAD_USER_INPUT' })
  expect(await ada.create({ versionId, goldVersionId: foreign })).toMatchObject({ code: 'NOT_FOUND' })
})

test('gold images are drawn once, whoever dies in between', async () => {
  const ada = editor()
  await platform.losesItsChores()
  const { done } = await ada.create({ ...(await versions()), goldCount: 3, overlap: 0.5 })
  platform.restartsItsChores()
  const stopOther = platform.startsOtherChores()
  const { items } = await ada.ready(done?.id ?? '')
  await stopOther()
  expect((await ada.see(done?.id ?? ''))?.items).toEqual(items)
  expect(items).toHaveLength(12 + 3 + 6)
  expect(items.filter(isGold)).toHaveLength(3)
})

test('a task of which only gold was labelled has nothing to store', async () => {
  const { ada, id, items } = await aTask({ ...(await versions(2, 2)), goldCount: 1 })
  for (const item of items) {
    await ada.claim(id, item.id)
    await (isGold(item) ? ada.submit(item.id, [aBox()]) : ada.skip(item.id))
  }
  expect((await platform.stateSaid(id, 'FAILED')).problem).toMatch(/nothing to store/)
})
