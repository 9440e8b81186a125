import { afterAll, beforeAll, expect, test } from 'vitest'
import { waitUntil } from '@ymir/service'
import type { ApiClient } from './testing/client.ts'
import { anExecutorImage, leaveAModel, readJob } from './testing/executor-image.ts'
import { createProject, importArchive, trainModel } from './testing/loop.ts'
import { aPlatform, signUp, type TestPlatform } from './testing/platform.ts'
import { pictures, vocArchive } from './testing/shapes.ts'

let ymir: TestPlatform
let administrator: ApiClient
let member: ApiClient

beforeAll(async () => {
  ymir = await aPlatform()
  administrator = ymir.client
  member = await signUp(administrator, 'ben@ymir.example')
}, 120_000)
afterAll(() => ymir?.stop(), 60_000)

/** Trains with an image in a project of one's own, to the end of the job. */
async function train(client: ApiClient, name: string, executorImageId: string) {
  const projectId = await createProject(client, name)
  const archive = vocArchive(await pictures(3, 1))
  const { version } = await importArchive(client, archive, { projectId, name: 'shapes' })
  const { jobId } = await trainModel(client, {
    ...{ projectId, name: 'model', executorImageId, parameters: {} },
    ...{ trainingVersionId: version?.id, testVersionId: version?.id },
  })
  return waitUntil(
    `job ${jobId} to end`,
    async () => {
      const job = await readJob(client, jobId)
      return ['SUCCEEDED', 'FAILED', 'CANCELLED'].includes(job.state) && job
    },
    { timeoutMs: 30_000, everyMs: 100 },
  )
}

test('an image that is not shared is for administrators, however a member asks for it', async () => {
  const { id } = await anExecutorImage(administrator, ymir.home, leaveAModel)
  const seenBy = async (client: ApiClient) => {
    const query = `query ($id: ID!) { executorImage(id: $id) { id } executorImages { id } }`
    const { executorImage, executorImages } = await client.ask<{
      executorImage: object | null
      executorImages: { id: string }[]
    }>(query, { id })
    return [executorImage !== null, executorImages.some((one) => one.id === id)]
  }
  expect(await seenBy(member)).toEqual([true, true])
  const unshare = `mutation ($id: ID!) {
    setExecutorImageShared(input: { id: $id, shared: false }) { executorImage { shared } }
  }`
  await expect(member.ask(unshare, { id })).rejects.toMatchObject({ code: 'FORBIDDEN' })
  await administrator.ask(unshare, { id })

  expect(await seenBy(member)).toEqual([false, false])
  await expect(train(member, 'Of a member', id)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  expect(await seenBy(administrator)).toEqual([true, true])
  expect(await train(administrator, 'Of an administrator', id)).toMatchObject({ state: 'SUCCEEDED' })
})

test('the pull of an image that is READY has nothing more to tell', async () => {
  const { id } = await anExecutorImage(administrator, ymir.home, leaveAModel)
  const query = `subscription ($id: ID!, $after: String) {
    executorImageProgress(executorImageId: $id, after: $after) {
      cursor state progress executorImage { name report { level text } }
    }
  }`
  const following = administrator.follow<{ cursor: string; state: string }>(query, { id })
  expect(await following.toItsEnd()).toMatchObject([
    {
      ...{ state: 'READY', progress: 1 },
      executorImage: { report: expect.arrayContaining([{ level: 'FACT', text: 'start.sh: present' }]) },
    },
  ])
  following.stop()
})
