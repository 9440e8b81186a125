import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { importSampleImage, sampleImage, startPodman, type TestEngine } from '@ymir/executor/testing'
import { waitUntil } from '@ymir/service'
import type { ApiClient } from './testing/client.ts'
import { readJob } from './testing/executor-image.ts'
import { createProject, importArchive, trainModel } from './testing/loop.ts'
import { aPlatform, type TestPlatform } from './testing/platform.ts'
import { pictures, vocArchive } from './testing/shapes.ts'

const found = await startPodman()
if ('reason' in found)
  console.log(`jobs in real containers, through the gateway, are skipped: ${found.reason}`)
const reference = 'localhost/ymir-sample:latest'

describe.skipIf('reason' in found)('through the gateway, in real containers', { timeout: 120_000 }, () => {
  const engine = found as TestEngine // skipped otherwise
  let ymir: TestPlatform
  let client: ApiClient
  let parts: { projectId: string; executorImageId: string; trainingVersionId: string; testVersionId: string }

  beforeAll(async () => {
    await importSampleImage(engine, sampleImage, reference)
    const environment = { DOCKER_HOST: engine.address, YMIR_JOB_OPEN_FILES: '4096', YMIR_CPU_SLOTS: '1' }
    ymir = await aPlatform(environment)
    client = ymir.client
    const projectId = await createProject(client, 'shapes')
    const { version } = await importArchive(client, vocArchive(await pictures(3, 1)), {
      ...{ projectId, name: 'shapes' },
    })
    const executorImageId = await register()
    const versionId = version?.id ?? ''
    parts = { projectId, executorImageId, trainingVersionId: versionId, testVersionId: versionId }
  }, 180_000)
  afterAll(async () => {
    await ymir?.stop()
    await engine.stop()
  }, 60_000)

  /** Registers the image and waits for the report on it. */
  async function register(): Promise<string> {
    const mutation = `mutation ($input: RegisterExecutorImageInput!) {
      registerExecutorImage(input: $input) { executorImage { id } }
    }`
    const { registerExecutorImage } = await client.ask<{
      registerExecutorImage: { executorImage: { id: string } }
    }>(mutation, { input: { name: 'sample', driver: 'docker', reference } })
    const { id } = registerExecutorImage.executorImage
    const pull = client.follow<{ cursor: string; state: string }>(
      `subscription ($id: ID!, $after: String) {
        executorImageProgress(executorImageId: $id, after: $after) { cursor state progress }
      }`,
      { id },
    )
    expect((await pull.toItsEnd()).at(-1)?.state).toBe('READY')
    pull.stop()
    return id
  }

  let trainings = 0
  const train = (parameters: object) =>
    trainModel(client, { ...parts, name: `model ${(trainings += 1)}`, parameters })
  const ended = async (jobId: string) =>
    waitUntil(
      `job ${jobId} to end`,
      async () => {
        const job = await readJob(client, jobId)
        return ['SUCCEEDED', 'FAILED', 'CANCELLED'].includes(job.state) && job
      },
      { timeoutMs: 60_000, everyMs: 100 },
    )
  const isRunning = (jobId: string) =>
    waitUntil(`job ${jobId} to run`, async () => (await readJob(client, jobId)).state === 'RUNNING', {
      timeoutMs: 60_000,
    })
  const containers = async () => (await engine.engine.listContainers()).map(({ Names }) => Names[0])
  const cancel = (id: string) =>
    client.ask(`mutation ($id: ID!) { cancelJob(input: { id: $id }) { job { state } } }`, { id })

  test('an image is reported on and known by its digest, without a container', async () => {
    const query = `query ($id: ID!) { executorImage(id: $id) { kinds digest report { level text } } }`
    const { executorImage } = await client.ask<{
      executorImage: { kinds: string[]; digest: string; report: { text: string }[] }
    }>(query, { id: parts.executorImageId })
    expect(executorImage.kinds).toEqual(['TRAINING', 'MINING', 'INFERENCE'])
    expect(executorImage.digest).toMatch(/@sha256:[0-9a-f]{64}$/)
    expect(executorImage.report.map(({ text }) => text).join('\n')).toMatch(/^training: yes/m)
    expect(await containers()).toEqual([])
  })

  test('a training is watched live: progress, stages, log; it runs the registered digest', async () => {
    const { id: modelId, jobId } = await train({ behave: 'well' })
    const progress = client.follow<{ cursor: string; progress: number; state: string }>(
      `subscription ($jobId: ID!, $after: String) {
        jobProgress(jobId: $jobId, after: $after) { cursor progress state }
      }`,
      { jobId },
    )
    const stages = client.follow<{ cursor: string; stage: { name: string } }>(
      `subscription ($modelId: ID!, $after: String) {
        modelStages(modelId: $modelId, after: $after) { cursor stage { name } }
      }`,
      { modelId },
    )
    const log = client.follow<{ cursor: string; text: string }>(
      `subscription ($jobId: ID!, $after: String) { jobLog(jobId: $jobId, after: $after) { cursor text } }`,
      { jobId },
    )
    const steps = await progress.toItsEnd()
    expect(steps.at(-1)).toMatchObject({ state: 'SUCCEEDED', progress: 1 })
    const numbers = steps.map((step) => step.progress)
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
    expect((await log.toItsEnd()).map(({ text }) => text).join('')).toBe(
      'hello from the sample image: behave well\n',
    )
    await stages.until('both stages', (seen) => seen.length >= 2)
    expect(new Set(stages.payloads.map(({ stage }) => stage.name))).toEqual(new Set(['epoch_1', 'epoch_2']))
    for (const one of [progress, stages, log]) one.stop()
    const { job } = await client.ask<{ job: { imageDigest: string } }>(
      `query ($jobId: ID!) { job(id: $jobId) { imageDigest } }`,
      { jobId },
    )
    expect(job.imageDigest).toMatch(/@sha256:/)
  })

  test('what a job uses, and its standard error apart from its standard output, are there while it runs', async () => {
    const { jobId } = await train({ behave: 'loud' })
    const resources = client.follow<{ cursor: string; memoryBytes: number; processes: number }>(
      `subscription ($jobId: ID!, $after: String) {
        jobResources(jobId: $jobId, after: $after) { cursor memoryBytes processes }
      }`,
      { jobId },
    )
    await resources.until('two measurements', (seen) => seen.length >= 2)
    expect(resources.payloads[0]?.memoryBytes).toBeGreaterThan(0)
    resources.stop()
    const errors = async () => {
      const query = `query ($jobId: ID!) { job(id: $jobId) { log(stream: STDERR) { text } } }`
      return (await client.ask<{ job: { log: { text: string } } }>(query, { jobId })).job.log.text
    }
    await waitUntil('the warning', async () => (await errors()) === 'a warning\n', { timeoutMs: 20_000 })
    await cancel(jobId)
    await ended(jobId)
  })

  test('the queue tells places and reasons; cancel ends a container that ignores it within five seconds', async () => {
    const first = await train({ behave: 'forever' })
    await isRunning(first.jobId)
    const second = await train({ behave: 'well' })
    const third = await train({ behave: 'well' })
    const standing = async (id: string) =>
      (
        await client.ask<{ job: { queuePlace: number | null; waitingFor: string | null } | null }>(
          `query ($id: ID!) { job(id: $id) { queuePlace waitingFor } }`,
          { id },
        )
      ).job
    await waitUntil('the third to stand behind the second', async () => {
      const [before, behind] = [await standing(second.jobId), await standing(third.jobId)]
      return before?.queuePlace === 1 && behind?.queuePlace === 2 && behind.waitingFor
    })
    await cancel(third.jobId)
    expect(await ended(third.jobId)).toMatchObject({ state: 'CANCELLED' })

    const asked = Date.now()
    await cancel(first.jobId)
    expect(await ended(first.jobId)).toMatchObject({ state: 'CANCELLED' })
    expect(Date.now() - asked).toBeLessThan(5_000)
    await cancel(first.jobId) // twice is harmless
    expect(await ended(second.jobId)).toMatchObject({ state: 'SUCCEEDED' })
    await waitUntil('no container to be left', async () => (await containers()).length === 0)
  })

  test('a crash tells its exit code, its last lines and advice; retried with other parameters it succeeds', async () => {
    const { id: modelId, jobId } = await train({ behave: 'crash' })
    const { failure } = await ended(jobId)
    expect(failure).toMatchObject({ code: 'USER_CODE', exitCode: 9 })
    expect(failure?.logTail).toContain('Traceback: boom')
    expect(failure?.advice).not.toBe('')

    const { retryJob } = await client.ask<{ retryJob: { job: { id: string; retryOf: { id: string } } } }>(
      `mutation ($input: RetryJobInput!) { retryJob(input: $input) { job { id retryOf { id } } } }`,
      { input: { id: jobId, parameters: { behave: 'well' } } },
    )
    expect(retryJob.job.retryOf.id).toBe(jobId)
    expect(await ended(retryJob.job.id)).toMatchObject({ state: 'SUCCEEDED' })
    const { model } = await client.ask<{ model: { jobId: string } }>(
      `query ($modelId: ID!) { model(id: $modelId) { jobId } }`,
      { modelId },
    )
    expect(model.jobId).toBe(retryJob.job.id)
  })

  test('what a container asks for beyond the machine is refused at once', async () => {
    const refused = trainModel(client, { ...parts, name: 'greedy', parameters: {}, gpuCount: 64 })
    const { jobId } = await refused
    expect((await ended(jobId)).failure?.message).toMatch(/64 GPUs/)
  })
})
