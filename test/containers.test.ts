import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { waitUntil } from '@ymir/service'
import { testEnds } from './containers/ends.ts'
import { testIsolation } from './containers/isolation.ts'
import { testLive } from './containers/live.ts'
import { testQueue } from './containers/queue.ts'
import { testRegistry } from './containers/registry.ts'
import { aContainerPlatform, startEngine, type ContainerPlatform } from './testing/containers.ts'

const found = await startEngine()
if ('reason' in found)
  console.log(`jobs in real containers, through the gateway, are skipped: ${found.reason}`)
else if (!found.registry) console.log('tests of a private registry are skipped: install docker-registry')

/** All on one platform, whose one slot the jobs take in turn. */
describe.skipIf('reason' in found)('through the gateway, in real containers', { timeout: 120_000 }, () => {
  const parts = found as Exclude<typeof found, { reason: string }> // skipped otherwise
  let here: ContainerPlatform
  beforeAll(async () => {
    here = await aContainerPlatform(parts)
  }, 180_000)
  afterAll(() => here?.stop(), 60_000)

  const containers = async () => (await here.engine.engine.listContainers()).map(({ Names }) => Names[0])

  test('an image is reported on and known by its digest, without a container', async () => {
    const query = `query ($id: ID!) { executorImage(id: $id) { kinds digest report { level text } } }`
    const { executorImage } = await here.client.ask<{
      executorImage: { kinds: string[]; digest: string; report: { text: string }[] }
    }>(query, { id: here.executorImageId })
    expect(executorImage.kinds).toEqual(['TRAINING', 'MINING', 'INFERENCE'])
    expect(executorImage.digest).toMatch(/@sha256:[0-9a-f]{64}$/)
    expect(executorImage.report.map(({ text }) => text).join('\n')).toMatch(/^training: yes/m)
    expect(await containers()).toEqual([])
  })

  test('a training is watched live: progress, stages, log; it runs the registered digest', async () => {
    const { id: modelId, jobId } = await here.jobs.train({ behave: 'well' })
    const progress = here.client.follow<{ cursor: string; progress: number; state: string }>(
      `subscription ($jobId: ID!, $after: String) {
        jobProgress(jobId: $jobId, after: $after) { cursor progress state }
      }`,
      { jobId },
    )
    const stages = here.client.follow<{ cursor: string; stage: { name: string } }>(
      `subscription ($modelId: ID!, $after: String) {
        modelStages(modelId: $modelId, after: $after) { cursor stage { name } }
      }`,
      { modelId },
    )
    const log = here.client.follow<{ cursor: string; text: string }>(
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
    const { job } = await here.client.ask<{ job: { imageDigest: string } }>(
      `query ($jobId: ID!) { job(id: $jobId) { imageDigest } }`,
      { jobId },
    )
    expect(job.imageDigest).toMatch(/@sha256:/)
  })

  test('what a job uses, and its standard error apart from its standard output, are there while it runs', async () => {
    const { jobId } = await here.jobs.train({ behave: 'loud' })
    const resources = here.client.follow<{ cursor: string; memoryBytes: number; processes: number }>(
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
      return (await here.client.ask<{ job: { log: { text: string } } }>(query, { jobId })).job.log.text
    }
    await waitUntil('the warning', async () => (await errors()) === 'a warning\n', { timeoutMs: 20_000 })
    await here.jobs.cancel(jobId)
    await here.jobs.ended(jobId)
  })

  test('the queue tells places and reasons; cancel ends a container that ignores it within five seconds', async () => {
    const first = await here.jobs.train({ behave: 'forever' })
    await here.jobs.reaches(first.jobId, 'RUNNING')
    const second = await here.jobs.train({ behave: 'well' })
    const third = await here.jobs.train({ behave: 'well' })
    const standing = async (id: string) =>
      (
        await here.client.ask<{ job: { queuePlace: number | null; waitingFor: string | null } | null }>(
          `query ($id: ID!) { job(id: $id) { queuePlace waitingFor } }`,
          { id },
        )
      ).job
    await waitUntil('the third to stand behind the second', async () => {
      const [before, behind] = [await standing(second.jobId), await standing(third.jobId)]
      return before?.queuePlace === 1 && behind?.queuePlace === 2 && behind.waitingFor
    })
    await here.jobs.cancel(third.jobId)
    expect(await here.jobs.ended(third.jobId)).toMatchObject({ state: 'CANCELLED' })

    const asked = Date.now()
    await here.jobs.cancel(first.jobId)
    expect(await here.jobs.ended(first.jobId)).toMatchObject({ state: 'CANCELLED' })
    expect(Date.now() - asked).toBeLessThan(5_000)
    await here.jobs.cancel(first.jobId) // twice is harmless
    expect(await here.jobs.ended(second.jobId)).toMatchObject({ state: 'SUCCEEDED' })
    await waitUntil('no container to be left', async () => (await containers()).length === 0)
  })

  test('a crash tells its exit code, its last lines and advice; retried with other parameters it succeeds', async () => {
    const { id: modelId, jobId } = await here.jobs.train({ behave: 'crash' })
    const { failure } = await here.jobs.ended(jobId)
    expect(failure).toMatchObject({ code: 'USER_CODE', exitCode: 9 })
    expect(failure?.logTail).toContain('Traceback: boom')
    expect(failure?.advice).not.toBe('')

    const { retryJob } = await here.client.ask<{
      retryJob: { job: { id: string; retryOf: { id: string } } }
    }>(`mutation ($input: RetryJobInput!) { retryJob(input: $input) { job { id retryOf { id } } } }`, {
      input: { id: jobId, parameters: { behave: 'well' } },
    })
    expect(retryJob.job.retryOf.id).toBe(jobId)
    expect(await here.jobs.ended(retryJob.job.id)).toMatchObject({ state: 'SUCCEEDED' })
    const { model } = await here.client.ask<{ model: { jobId: string } }>(
      `query ($modelId: ID!) { model(id: $modelId) { jobId } }`,
      { modelId },
    )
    expect(model.jobId).toBe(retryJob.job.id)
  })

  test('what a container asks for beyond the machine is refused at once', async () => {
    const { jobId } = await here.jobs.train({}, { gpuCount: 64 })
    expect((await here.jobs.ended(jobId)).failure?.message).toMatch(/64 GPUs/)
  })

  describe('the queue', () => testQueue(() => here))
  describe('ends', () => testEnds(() => here))
  describe('live', () => testLive(() => here))
  describe('isolation', () => testIsolation(() => here))
  describe.skipIf('registry' in found && !found.registry)('a private registry', () =>
    testRegistry(() => here),
  )
})
