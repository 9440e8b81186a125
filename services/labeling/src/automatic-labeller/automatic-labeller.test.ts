import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { clientOf } from '../testing/client.ts'
import { labelledOf, someAssets, startTestPlatform, type TestPlatform } from '../testing/platform.ts'

let platform: TestPlatform
beforeAll(async () => {
  platform = await startTestPlatform()
})
afterAll(() => platform.stop())

const createLabeller = /* GraphQL */ `
  mutation ($input: CreateAutomaticLabellerInput!) {
    createAutomaticLabeller(input: $input) {
      automaticLabeller {
        id
        name
        version {
          id
        }
      }
    }
  }
`

const askForLabeller = (input: object, role: 'EDITOR' | 'ANNOTATOR' = 'EDITOR') =>
  platform.ask(platform.someone(role), createLabeller, {
    input: { projectId: platform.projectId, name: `labeller ${randomUUID()}`, ...input },
  })

/** @returns the id of an automatic labeller that knows these assets */
async function aLabeller(assets = someAssets(3)): Promise<string> {
  const { data } = await askForLabeller({ versionId: await platform.aVersion(assets) })
  return data.createAutomaticLabeller.automaticLabeller.id
}

const unlabelled = (assets = someAssets(3)) => assets.map(({ assetId }) => ({ assetId }))

test('a requested task with an automatic labeller ends in a dataset version with its ground truth', async () => {
  const assets = someAssets(3)
  const automaticLabellerId = await aLabeller([...someAssets(4, 'brick', 'other'), ...assets])
  const taskId = await platform.requestTask(await platform.aVersion(unlabelled()), { automaticLabellerId })

  const request = await platform.requestFor(taskId)
  expect(request).toMatchObject({ projectId: platform.projectId, datasetName: 'pool, round 1' })
  expect(await platform.linesOf(request)).toEqual(
    assets.map(({ assetId, annotations = [] }) => ({
      assetId,
      annotations: annotations.map((one) => ({
        ...{ ...one, difficult: false, truncated: false, crowd: false },
        source: { kind: 'AUTOMATIC_LABELLER', id: automaticLabellerId },
      })),
    })),
  )
  expect(labelledOf(request)).toMatchObject({ labellingTaskId: taskId })
  await platform.created(request, 3)
  const { versionId } = request
  expect(await platform.stateSaid(taskId, 'SUCCEEDED')).toMatchObject({ versionId, assetCount: 3n })
  expect(platform.statesOf(taskId)).toEqual(['OPEN', 'STORING', 'SUCCEEDED'])
})

test('it draws the task’s classes only, and boxes at the edge as a person would', async () => {
  const [asset] = someAssets(1)
  const box = { x: 95, y: 70, width: 5.5, height: 10 }
  const truth = [
    { label: 'brick', box, difficult: true },
    { label: 'plate', box },
  ]
  const automaticLabellerId = await aLabeller([{ assetId: asset!.assetId, annotations: truth }])
  const taskId = await platform.requestTask(await platform.aVersion(unlabelled([asset!])), {
    automaticLabellerId,
  })

  const [line] = await platform.linesOf(await platform.requestFor(taskId))
  const drawn = { label: 'brick', difficult: true, truncated: false, crowd: false }
  expect(line?.annotations).toMatchObject([{ ...drawn, box: { ...box, width: 5 } }])
})

test('it skips images that it does not know, and those to which its answer is wrong, with the reason', async () => {
  const [known, wrong, unknown] = someAssets(3)
  const outside = { label: 'brick', box: { x: 90, y: 1, width: 40, height: 10 } }
  const automaticLabellerId = await aLabeller([known!, { ...wrong!, annotations: [outside] }])
  const versionId = await platform.aVersion(unlabelled([known!, wrong!, unknown!]))
  const taskId = await platform.requestTask(versionId, { automaticLabellerId })

  const lines = await platform.linesOf(await platform.requestFor(taskId))
  expect(lines.map(({ assetId }) => assetId)).toEqual([known!.assetId])
  const task = await clientOf(platform, platform.someone('VIEWER')).see(taskId)
  expect(task?.items.map(({ state, skipReason }) => [state, skipReason])).toEqual([
    ['LABELLED', null],
    ['SKIPPED', expect.stringMatching(/^the automatic labeller gave a wrong answer: .*beyond the image/)],
    ['SKIPPED', 'the automatic labeller does not know this image'],
  ])
})

test('a task of which it knows no image fails, and says so', async () => {
  const automaticLabellerId = await aLabeller(someAssets(2, 'brick', 'elsewhere'))
  const taskId = await platform.requestTask(await platform.aVersion(unlabelled()), { automaticLabellerId })

  const { problem } = await platform.stateSaid(taskId, 'FAILED')
  expect(problem).toMatch(/^every image was skipped, so there is nothing to store/)
})

test('it answers a large task in groups, each once, and goes on after a restart where it was', async () => {
  const assets = someAssets(1_200)
  const automaticLabellerId = await aLabeller(assets)
  await platform.losesItsChores()
  const taskId = await platform.requestTask(await platform.aVersion(unlabelled(assets)), {
    automaticLabellerId,
  })
  await platform.stateSaid(taskId, 'OPEN')
  platform.restartsItsChores()
  await platform.losesItsChores() // somewhere on the way, wherever that is
  platform.restartsItsChores()

  expect(await platform.linesOf(await platform.requestFor(taskId))).toHaveLength(1_200)
  const task = await clientOf(platform, platform.someone('VIEWER')).see(taskId)
  expect(task).toMatchObject({ itemCount: 1_200, doneCount: 1_200, skippedCount: 0 })
  expect(platform.progressOf(taskId)).toEqual([0, 500, 1_000, 1_200])
})

test('what a reviewer sends back to it is answered again; people cannot claim its images', async () => {
  const editor = clientOf(platform, platform.someone('EDITOR'))
  const automaticLabellerId = await aLabeller()
  const versionId = await platform.aVersion(unlabelled())
  const { done } = await editor.create({ versionId, classes: ['brick'], automaticLabellerId, review: true })
  const taskId = done?.id ?? ''
  await expect.poll(() => platform.progressOf(taskId)).toEqual([0, 3])
  const { items } = await editor.ready(taskId)

  expect(await editor.claim(taskId)).toMatchObject({ code: 'CONFLICT' })
  await editor.sendBack(items[0]!.id, 'look again')
  await expect.poll(() => platform.progressOf(taskId)).toEqual([0, 3, 2, 3])
  for (const { id } of items) await editor.accept(id)
  expect(await platform.linesOf(await platform.requestFor(taskId))).toHaveLength(3)
})

test('a task with a labeller that the project does not have fails', async () => {
  const taskId = await platform.requestTask(await platform.aVersion(unlabelled()), {
    automaticLabellerId: randomUUID(),
  })

  const { problem } = await platform.stateSaid(taskId, 'FAILED')
  expect(problem).toMatch(/^there is no automatic labeller in this project/)
})

test('editors make labellers, each with a name of its own, from versions of the project', async () => {
  const versionId = await platform.aVersion(someAssets(1))
  const made = await askForLabeller({ versionId, name: ' Oracle ' })
  const foreign = await platform.aVersion(someAssets(1), { of: randomUUID() })

  expect(made.data.createAutomaticLabeller.automaticLabeller).toMatchObject({
    ...{ name: 'Oracle', version: { id: versionId } },
  })
  expect(await askForLabeller({ versionId, name: 'oracle' })).toMatchObject({ code: 'CONFLICT' })
  expect(await askForLabeller({ versionId: foreign })).toMatchObject({ code: 'NOT_FOUND' })
  expect(await askForLabeller({ versionId, name: '  ' })).toMatchObject({ code: 'BAD_USER_INPUT' })
  expect(await askForLabeller({ versionId }, 'ANNOTATOR')).toMatchObject({ code: 'FORBIDDEN' })
})

test('its ground truth is hidden from those who label', async () => {
  const editor = clientOf(platform, platform.someone('EDITOR'))
  const automaticLabellerId = await aLabeller()
  const { done } = await editor.create({
    ...{ versionId: await platform.aVersion(unlabelled()), classes: ['brick'], automaticLabellerId },
  })
  const query = /* GraphQL */ `
    query ($id: ID!) {
      labellingTask(id: $id) {
        automaticLabeller {
          id
          version {
            id
          }
        }
      }
    }
  `
  const seenBy = async (role: 'EDITOR' | 'ANNOTATOR') => {
    const { data } = await platform.ask(platform.someone(role), query, { id: done?.id })
    return data.labellingTask.automaticLabeller
  }

  expect(await seenBy('ANNOTATOR')).toEqual({ id: automaticLabellerId, version: null })
  expect((await seenBy('EDITOR')).version).not.toBeNull()
})
