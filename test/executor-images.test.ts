import { afterAll, beforeAll, expect, test } from 'vitest'
import { waitUntil } from '@ymir/service'
import type { ApiClient } from './testing/client.ts'
import { anExecutorImage, leaveAModel, readJob } from './testing/executor-image.ts'
import { assetsOf, createProject, importArchive, trainModel } from './testing/loop.ts'
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

test('a large version is mined by a job for each chunk, the failed one is tried again, and the platform may choose', async () => {
  const script = `if grep -q '^run_training: true' "$IN/env.yaml"; then ${leaveAModel}
exit; fi
[ -e "$HERE/go" ] || { touch "$HERE/go"; exit 9; }
sed 's/.*/&\\t&/' "$IN/candidate-index.tsv" | sed -E 's#\\t.*/([0-9a-f]{6})[^/]*$#\\t0x\\1#' > "$OUT/result.tsv"
awk '{ printf "{\\"image\\": \\"%s\\", \\"boxes\\": [], \\"embedding\\": [%d, %f]}\\n", $0, NR, (NR * 7919) % 250 / 10 }' \\
  "$IN/candidate-index.tsv" > "$OUT/mining-details.jsonl"`
  const templates = ['training-template.yaml', 'mining-template.yaml']
  const { id: executorImageId } = await anExecutorImage(administrator, ymir.home, script, templates)
  const projectId = await createProject(administrator, 'Many images')
  const archive = vocArchive(await pictures(250, 1))
  const { version } = await importArchive(administrator, archive, { projectId, name: 'many' })
  const { id } = await trainModel(administrator, {
    ...{ projectId, name: 'model', executorImageId, parameters: {} },
    ...{ trainingVersionId: version?.id, testVersionId: version?.id },
  })
  const stageId = await waitUntil('a stage', async () => {
    const query = `query ($id: ID!) { model(id: $id) { bestStage { id } } }`
    const { model } = await administrator.ask<{ model: { bestStage: { id: string } | null } }>(query, { id })
    return model.bestStage?.id
  })

  const input = {
    ...{ projectId, versionId: version?.id, stageId, executorImageId, annotate: false, topK: 10 },
    deduplicate: false, // by the embeddings that this image writes, many images are alike
  }
  const start = async (settings: object) => {
    const mutation = `mutation ($input: MineInput!) { mine(input: $input) { miningTask { id } } }`
    const { mine } = await administrator.ask<{ mine: { miningTask: { id: string } } }>(mutation, {
      input: { ...input, ...settings },
    })
    return mine.miningTask
  }
  const chunked = await start({ seed: 1, chunkSize: 100 })
  const query = `query ($id: ID!) {
    miningTask(id: $id) {
      state problem chunkCount chunksDone jobId assets(first: 10) { totalCount edges { node { assetId score } } }
      duplicatesLeftOut(first: 1) { totalCount edges { node { likeness } } }
    }
  }`
  interface Counted<Node> {
    readonly totalCount: number
    readonly edges: readonly { readonly node: Node }[]
  }
  interface Task {
    readonly state: string
    readonly jobId: string
    readonly assets: Counted<{ readonly assetId: string }>
    readonly duplicatesLeftOut: Counted<{ readonly likeness: string }>
  }
  const until = (state: string, task = chunked) =>
    waitUntil(
      `the mining task to be ${state}`,
      async () => {
        const { miningTask } = await administrator.ask<{ miningTask: Task }>(query, task)
        return miningTask.state === state && miningTask
      },
      { timeoutMs: 60_000, everyMs: 100 },
    )
  const failed = await until('FAILED')
  expect(failed).toMatchObject({ chunkCount: 3, chunksDone: 0, problem: expect.stringContaining('9') })
  await administrator.ask(`mutation ($id: ID!) { retryJob(input: { id: $id }) { job { id } } }`, {
    id: failed.jobId,
  })

  const mined = await until('SUCCEEDED')
  expect(mined).toMatchObject({ chunkCount: 3, chunksDone: 3 })
  const everyAsset = (await assetsOf(administrator, version?.id ?? '')).toSorted().reverse()
  expect(mined.assets.edges.map(({ node }) => node.assetId)).toEqual(everyAsset.slice(0, 10))
  const { jobs } = await administrator.ask<{
    jobs: { edges: { node: { state: string; kinds: string[] } }[] }
  }>(`query ($projectId: ID!) { jobs(projectId: $projectId) { edges { node { state kinds } } } }`, {
    projectId,
  })
  const mining = jobs.edges.filter(({ node }) => node.kinds.includes('MINING'))
  expect(mining.map(({ node }) => node.state).toSorted()).toEqual(['FAILED', ...Array(3).fill('SUCCEEDED')])

  const byDetails = (strategy: string) => start({ strategy, topK: 2, excludeMined: false })
  const far = await until('SUCCEEDED', await byDetails('CORE_SET'))
  expect(far.assets.edges.map(({ node }) => node.assetId).toSorted()).toEqual(
    [everyAsset.at(-1), everyAsset[0]].toSorted(), // numbered in the order of their ids
  )
  const distinct = await until(
    'SUCCEEDED',
    await start({ topK: 250, excludeMined: false, deduplicate: true }),
  )
  const { assets, duplicatesLeftOut } = distinct
  expect(assets.edges[0]?.node.assetId).toBe(everyAsset[0])
  expect(assets.totalCount).toBeGreaterThan(1)
  expect(duplicatesLeftOut.totalCount).toBeGreaterThan(0)
  expect(assets.totalCount + duplicatesLeftOut.totalCount).toBe(250)
  expect(duplicatesLeftOut.edges[0]?.node.likeness).toBe('EMBEDDING')
  expect(await until('FAILED', await byDetails('CALD_OF_IMAGES'))).toMatchObject({
    problem: expect.stringMatching(/no views, by which CALD_OF_IMAGES chooses: choose RANDOM/),
  })
}, 120_000)

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
