import { randomUUID } from 'node:crypto'
import { writeJsonLines } from '@ymir/blobs'
import type { ProjectRole } from '@ymir/graphql'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { aBox, clientOf } from '../testing/client.ts'
import { labelledOf, someAssets, startTestPlatform, type TestPlatform } from '../testing/platform.ts'

let platform: TestPlatform
beforeAll(async () => {
  platform = await startTestPlatform()
})
afterAll(() => platform.stop())

const someone = (role: ProjectRole = 'EDITOR') => clientOf(platform, platform.someone(role))

/** A task for people, its images there; `editor` made it and labels too. */
async function aTask({ images = 2, ...input }: { images?: number } & Record<string, unknown> = {}) {
  const editor = someone()
  const versionId = await platform.aVersion(someAssets(images))
  const { done } = await editor.create({ versionId, classes: ['brick'], ...input })
  const task = await editor.ready(done?.id ?? '')
  return { editor, versionId, taskId: task.id, items: task.items }
}

/** Answers what is free, up to `count` images. */
async function label(editor: ReturnType<typeof someone>, taskId: string, count = Infinity): Promise<void> {
  for (let given = 0; given < count; given++) {
    const { done } = await editor.claim(taskId)
    if (!done) return
    await editor.submit(done.id, [aBox(given)])
  }
}

test('a task made by hand goes from its images to a dataset version', async () => {
  const { editor, versionId, taskId, items } = await aTask({ name: '  street   scenes ' })
  expect(items.map(({ state }) => state)).toEqual(['WAITING', 'WAITING'])

  await label(editor, taskId)
  const request = await platform.requestFor(taskId)
  expect(request).toMatchObject({ datasetName: 'street scenes', actorId: editor.userId })
  expect(labelledOf(request)).toMatchObject({ versionId, labellingTaskId: taskId })
  expect(await editor.see(taskId)).toMatchObject({ state: 'STORING', result: null })
  await platform.created(request)
  await platform.stateSaid(taskId, 'SUCCEEDED')
  expect(await editor.see(taskId)).toMatchObject({ result: { id: request.versionId }, doneCount: 2 })
})

test('who may make, finish, cancel and send back', async () => {
  const { editor, taskId } = await aTask()
  const annotator = someone('ANNOTATOR')
  const stranger = clientOf(platform, platform.stranger())
  const versionId = await platform.aVersion(someAssets(1))

  for (const { code } of [
    await annotator.create({ versionId }),
    await annotator.finish(taskId),
    await annotator.cancel(taskId),
    await annotator.sendBackTask(taskId, 'again'),
    await stranger.create({ versionId }),
  ])
    expect(code).toBe('FORBIDDEN')
  for (const { code } of [
    await stranger.finish(taskId),
    await stranger.cancel(taskId),
    await stranger.sendBackTask(taskId, 'again'),
    await editor.cancel(randomUUID()),
  ])
    expect(code).toBe('NOT_FOUND')
  expect((await editor.see(taskId))?.state).toBe('OPEN')
})

test('a task is about a version and classes of its project', async () => {
  const editor = someone()
  const versionId = await platform.aVersion(someAssets(1))
  const foreign = await platform.aVersion(someAssets(1), { of: randomUUID() })

  expect(await editor.create({ versionId: foreign })).toMatchObject({ code: 'NOT_FOUND' })
  expect((await editor.create({ versionId, classes: ['cat'] })).message).toBe(
    '"cat" is no class of the project: use brick, plate, or add it with updateProject',
  )
  expect(await editor.create({ versionId, classes: [] })).toMatchObject({ code: 'BAD_USER_INPUT' })
  expect(await editor.create({ versionId, automaticLabellerId: randomUUID() })).toMatchObject({
    ...{ code: 'NOT_FOUND' },
  })
  expect((await editor.create({ versionId })).done).toMatchObject({ classes: ['brick', 'plate'] })
})

test('a version without images fails its task', async () => {
  const { done } = await someone().create({ versionId: await platform.aVersion([]) })

  const { problem } = await platform.stateSaid(done?.id ?? '', 'FAILED')
  expect(problem).toMatch(/has no images to label$/)
  expect(await someone().sendBackTask(done?.id ?? '', 'again')).toMatchObject({ code: 'CONFLICT' })
})

const box = { x: 1, y: 1, width: 10, height: 10 }
const assetsWithTwoLabels = [
  {
    assetId: 'a',
    annotations: [
      { label: 'brick', box },
      { label: 'wheel', box, crowd: true, rotation: 0.5 },
    ],
  },
]

test('kept annotations: those of the task’s classes are where the labeller starts, others stay as they are', async () => {
  const { editor, taskId, items } = await aTask({
    versionId: await platform.aVersion(assetsWithTwoLabels),
    keepAnnotations: true,
  })
  const [item] = items
  expect(item?.annotations).toEqual([{ label: 'brick', box, rotation: null }])
  expect(item?.keptAnnotations).toEqual([{ label: 'wheel' }])

  await label(editor, taskId)
  const [line] = await platform.linesOf(await platform.requestFor(taskId))
  expect(line?.annotations).toEqual([
    { label: 'wheel', box, crowd: true, rotation: 0.5 },
    {
      ...{ ...aBox(0), difficult: false, truncated: false, crowd: false },
      source: { kind: 'PERSON', id: editor.userId },
    },
  ])
})

test('a turned box of the version is where the labeller starts, and is stored turned as it was', async () => {
  const turned = (rotation: number) => ({ label: 'brick', box, rotation })
  const { editor, taskId, items } = await aTask({
    versionId: await platform.aVersion([
      { assetId: 'a', annotations: [turned(0.5), turned(-0.5), turned(2 * Math.PI)] },
    ]),
    keepAnnotations: true,
  })
  const [item] = items
  expect(item?.annotations.map(({ rotation }) => rotation)).toEqual([0.5, 2 * Math.PI - 0.5, null])

  await editor.claim(taskId)
  await editor.submit(item?.id ?? '', item?.annotations)
  const [line] = await platform.linesOf(await platform.requestFor(taskId))
  expect(line?.annotations.map(({ rotation }) => rotation)).toEqual([0.5, 2 * Math.PI - 0.5, undefined])
})

test('dropped annotations are neither shown nor in the result', async () => {
  const { editor, taskId, items } = await aTask({
    versionId: await platform.aVersion(assetsWithTwoLabels),
    keepAnnotations: false,
  })
  expect(items[0]).toMatchObject({ annotations: [], keptAnnotations: [] })

  await label(editor, taskId)
  const [line] = await platform.linesOf(await platform.requestFor(taskId))
  expect(line?.annotations.map(({ label: name }) => name)).toEqual(['brick'])
})

test('what a model found is shown to the labeller, most certain first, and is no answer', async () => {
  const found = (score: number, name = 'brick') => ({ label: name, box, score })
  const { sha256, size } = await writeJsonLines(platform.blobs, [
    { assetId: 'a00000', annotations: [found(0.4), found(0.9), found(0.1), found(0.8, 'wheel')] },
    { assetId: 'not in the version', annotations: [found(0.9)] },
  ])
  const taskId = await platform.requestTask(await platform.aVersion(someAssets(2)), {
    predictions: { sha256, size: BigInt(size) },
  })
  const { items } = await someone().ready(taskId)
  expect(items.map(({ predictions }) => predictions.map(({ score }) => score))).toEqual([[0.9, 0.4], []])
  expect(items[0]?.annotations).toEqual([])
})

test('a task made by hand starts from a prediction set of its version, and of no other', async () => {
  const id = randomUUID()
  const found = { label: 'brick', box, score: 0.7 }
  const blob = await writeJsonLines(platform.blobs, [{ assetId: 'a00001', predictions: [found] }])
  const stageId = randomUUID()
  const set = { id, ...blob, sourceKind: 'MODEL', sourceId: stageId } as const
  const versionId = await platform.aVersion(someAssets(2), { sets: [set] })
  const editor = someone('EDITOR')
  const made = await editor.create({ versionId, predictionSetId: id })
  const { items } = await editor.ready(made.done?.id ?? '')
  expect(items.map(({ predictions }) => predictions)).toEqual([[], [expect.objectContaining({ score: 0.7 })]])

  const { done: held } = await editor.claim(made.done?.id ?? '')
  await editor.submit(held?.id ?? '', [])
  const { done: next } = await editor.claim(made.done?.id ?? '')
  await editor.submit(next?.id ?? '', [{ label: 'brick', box }])
  const lines = await platform.linesOf(await platform.requestFor(made.done?.id ?? ''))
  expect(lines.map(({ annotations }) => annotations)).toMatchObject([
    [],
    [{ source: { kind: 'MODEL', id: stageId } }],
  ])

  const other = { versionId: await platform.aVersion(someAssets(1)), predictionSetId: id }
  expect((await editor.create(other)).code).toBe('NOT_FOUND')
})

test('each annotation tells whether a person drew it or took over what a model stage had found', async () => {
  const found = { label: 'brick', box, score: 0.9 }
  const { sha256, size } = await writeJsonLines(platform.blobs, [{ assetId: 'a00000', annotations: [found] }])
  const stageId = randomUUID()
  const taskId = await platform.requestTask(await platform.aVersion([{ assetId: 'a00000' }]), {
    ...{ predictions: { sha256, size: BigInt(size) }, stageId },
  })
  const editor = someone()
  await editor.ready(taskId)
  const { done: held } = await editor.claim(taskId)
  const drawn = { label: 'brick', box: { ...box, x: box.x + 1 } }
  await editor.submit(held?.id ?? '', [{ label: 'brick', box }, drawn])
  const [line] = await platform.linesOf(await platform.requestFor(taskId))
  expect(line?.annotations).toMatchObject([
    { box, source: { kind: 'MODEL', id: stageId } },
    { ...drawn, source: { kind: 'PERSON' } },
  ])
})

test('finishing stores what is labelled and leaves out the rest', async () => {
  const { editor, taskId } = await aTask({ images: 4, review: true })
  expect(await editor.finish(taskId)).toMatchObject({ code: 'CONFLICT' }) // nothing is labelled

  await label(editor, taskId, 2)
  const { done: held } = await editor.claim(taskId)
  expect((await editor.finish(taskId)).done?.state).toBe('STORING')

  expect(await editor.submit(held?.id ?? '')).toMatchObject({ code: 'CONFLICT' })
  expect((await editor.claim(taskId)).done).toBeNull()
  expect(await editor.finish(taskId)).toMatchObject({ code: 'CONFLICT' })
  const lines = await platform.linesOf(await platform.requestFor(taskId))
  expect(lines.map(({ assetId }) => assetId)).toEqual(['a00000', 'a00001'])
})

test('a cancelled task takes no answers and stores nothing; cancelling again changes nothing', async () => {
  const { editor, taskId } = await aTask()
  const { done: held } = await editor.claim(taskId)

  expect((await editor.cancel(taskId)).done?.state).toBe('CANCELLED')
  expect((await editor.cancel(taskId)).done?.state).toBe('CANCELLED')

  expect(await editor.submit(held?.id ?? '')).toMatchObject({ code: 'CONFLICT' })
  expect(await editor.release(held?.id ?? '')).toMatchObject({ code: 'CONFLICT' })
  expect((await editor.claim(taskId)).done).toBeNull()
  expect(await editor.finish(taskId)).toMatchObject({ code: 'CONFLICT' })
  expect(await editor.sendBackTask(taskId, 'again')).toMatchObject({ code: 'CONFLICT' })
  await platform.stateSaid(taskId, 'CANCELLED')
  expect(platform.statesOf(taskId)).toEqual(['OPEN', 'CANCELLED'])
})

test('a task cancelled while its result is made stays cancelled when the version is there', async () => {
  const { editor, taskId } = await aTask()
  await label(editor, taskId)
  const request = await platform.requestFor(taskId)
  await editor.cancel(taskId)
  await platform.created(request)

  const other = await aTask({ images: 1 }) // whose version is made after that one: the first was heard by then
  await label(other.editor, other.taskId)
  await platform.created(await platform.requestFor(other.taskId))
  await platform.stateSaid(other.taskId, 'SUCCEEDED')
  expect(platform.statesOf(taskId)).toEqual(['OPEN', 'STORING', 'CANCELLED'])
})

test('a task sent back opens again with the comment on every answer, and gives another version', async () => {
  const { editor, taskId } = await aTask()
  await label(editor, taskId)
  const first = await platform.requestFor(taskId)
  expect(await editor.sendBackTask(taskId, 'again')).toMatchObject({ code: 'CONFLICT' }) // not while it is stored
  await platform.created(first)
  await platform.stateSaid(taskId, 'SUCCEEDED')

  expect(await editor.sendBackTask(taskId, '  ')).toMatchObject({ code: 'BAD_USER_INPUT' })
  const { done } = await editor.sendBackTask(taskId, 'boxes too wide')
  expect(done).toMatchObject({ state: 'OPEN', doneCount: 0, result: null, finishedAt: null })
  expect(done?.items.map(({ state, comment }) => [state, comment])).toEqual([
    ['SENT_BACK', 'boxes too wide'],
    ['SENT_BACK', 'boxes too wide'],
  ])
  await platform.created(first) // heard again: it is not what the task waits for
  await label(editor, taskId)
  const second = await platform.requestFor(taskId, 2)
  expect(second.versionId).not.toBe(first.versionId)
  await platform.created(second)
  await expect
    .poll(() => platform.statesOf(taskId))
    .toEqual(['OPEN', 'STORING', 'SUCCEEDED', 'OPEN', 'STORING', 'SUCCEEDED'])
})

test('a result that could not be stored is stored again when asked, without labelling anew', async () => {
  const { editor, taskId } = await aTask()
  await label(editor, taskId)
  const first = await platform.requestFor(taskId)
  await platform.failed(first, '"brick" is no label of the workspace')
  expect(await platform.stateSaid(taskId, 'FAILED')).toMatchObject({
    ...{ problem: '"brick" is no label of the workspace', versionId: '' },
  })

  expect((await editor.finish(taskId)).done).toMatchObject({ state: 'STORING', problem: null })
  const second = await platform.requestFor(taskId, 2)
  expect(second.versionId).not.toBe(first.versionId)
  expect(await platform.linesOf(second)).toEqual(await platform.linesOf(first))
  await platform.created(second)
  await platform.stateSaid(taskId, 'SUCCEEDED')
})

test('a result is asked for once, also when the process dies before it asks', async () => {
  const { editor, taskId } = await aTask()
  await platform.losesItsChores()
  await label(editor, taskId)
  await platform.stateSaid(taskId, 'STORING')
  expect(platform.requestsFor(taskId)).toEqual([])

  platform.restartsItsChores()
  const request = await platform.requestFor(taskId)
  await platform.losesItsChores()
  platform.restartsItsChores()
  const other = await aTask()
  await label(other.editor, other.taskId)
  await platform.requestFor(other.taskId)

  expect(platform.requestsFor(taskId)).toEqual([request])
})

test('two processes of the service make one result', async () => {
  const { editor, taskId } = await aTask()
  await platform.losesItsChores()
  await label(editor, taskId)

  platform.restartsItsChores()
  const stopOther = platform.startsOtherChores()
  const request = await platform.requestFor(taskId)
  await stopOther()
  await platform.created(request)
  await platform.stateSaid(taskId, 'SUCCEEDED')

  expect(platform.requestsFor(taskId)).toEqual([request])
})

test('images that were not read before the process died are read by the next, once', async () => {
  const editor = someone()
  await platform.losesItsChores()
  const { done } = await editor.create({ versionId: await platform.aVersion(someAssets(3)) })
  expect(done).toMatchObject({ itemsReady: false, itemCount: 0 })
  expect((await editor.claim(done?.id ?? '')).done).toBeNull()

  platform.restartsItsChores()
  const stopOther = platform.startsOtherChores()
  expect(await editor.ready(done?.id ?? '')).toMatchObject({ itemCount: 3, doneCount: 0 })
  await stopOther()
  expect((await editor.see(done?.id ?? ''))?.items).toHaveLength(3)
})

test('tasks of a project are listed for its members, newest first', async () => {
  const project = /* GraphQL */ `
    query ($representations: [_Any!]!) {
      _entities(representations: $representations) {
        ... on Project {
          labellingTasks(first: 2) {
            edges {
              node {
                id
              }
            }
          }
        }
      }
    }
  `
  const representations = [{ __typename: 'Project', id: platform.projectId }]
  const [older, newer] = [await aTask(), await aTask()]

  const { data } = await platform.ask(platform.someone('VIEWER'), project, { representations })
  const ids = data._entities[0].labellingTasks.edges.map(({ node }: { node: { id: string } }) => node.id)
  expect(ids).toEqual([newer.taskId, older.taskId])
  const refused = await platform.ask(platform.stranger(), project, { representations })
  expect(refused.code).toBe('FORBIDDEN')
})
