import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { labelledOf, someAssets, startTestPlatform, type TestPlatform } from './testing.ts'

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

/** @returns the id of an automatic labeller that knows these assets */
async function aLabeller(assets = someAssets(3)): Promise<string> {
  const versionId = await platform.aVersion(assets)
  const input = { projectId: platform.projectId, name: `labeller ${randomUUID()}`, versionId }
  const { data } = await platform.ask(platform.someone('EDITOR'), createLabeller, { input })
  return data.createAutomaticLabeller.automaticLabeller.id
}

test('a requested task with an automatic labeller ends in a dataset version with its ground truth', async () => {
  const assets = someAssets(3)
  const automaticLabellerId = await aLabeller([...someAssets(4, 'brick', 'other'), ...assets])
  const unlabelled = assets.map(({ assetId }) => ({ assetId }))
  const taskId = await platform.requestTask(await platform.aVersion(unlabelled), { automaticLabellerId })

  const request = await platform.requestFor(taskId)
  expect(request).toMatchObject({ projectId: platform.projectId, datasetName: 'pool, round 1' })
  expect(await platform.linesOf(request)).toEqual(
    assets.map(({ assetId, annotations = [] }) => ({
      assetId,
      annotations: annotations.map((one) => ({ ...one, difficult: false, truncated: false, crowd: false })),
    })),
  )
  expect(labelledOf(request)).toMatchObject({ labellingTaskId: taskId })
  await platform.created(request)
  expect(await platform.stateSaid(taskId, 'SUCCEEDED')).toMatchObject({ versionId: request.versionId })
  expect(platform.statesOf(taskId)).toEqual(['OPEN', 'STORING', 'SUCCEEDED'])
})
