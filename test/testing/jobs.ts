import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { waitUntil } from '@ymir/service'
import type { ApiClient, Following } from './client.ts'
import { readJob, type Job } from './executor-image.ts'
import { createProject, importArchive, trainModel } from './loop.ts'
import { pictures, vocArchive } from './shapes.ts'

/** What a training is asked for beside its parameters, e.g. executorImageId or gpuCount. */
type Choice = Readonly<Record<string, unknown>>

export interface Progress {
  readonly cursor: string
  readonly state: string
  readonly progress: number
  readonly message: string | null
  readonly queuePlace: number | null
  readonly waitingFor: string | null
  readonly estimatedStart: string | null
}

let names = 0

/** Trainings in one project, by the sample image of the executor's tests: it does what a parameter says. */
export class Jobs {
  private constructor(
    readonly client: ApiClient,
    private readonly home: string,
    readonly projectId: string,
    private readonly choice: Choice,
  ) {}

  /**
   * In a project of their own.
   * @param home YMIR_HOME of the platform
   */
  static async inProject(
    client: ApiClient,
    { home, name, executorImageId }: { home: string; name: string; executorImageId: string },
  ): Promise<Jobs> {
    const projectId = await createProject(client, name)
    const { version } = await importArchive(client, vocArchive(await pictures(3, 1)), { projectId, name })
    const versions = { trainingVersionId: version?.id, testVersionId: version?.id }
    return new Jobs(client, home, projectId, { projectId, executorImageId, ...versions })
  }

  /** The same, with another image. */
  with(executorImageId: string): Jobs {
    return new Jobs(this.client, this.home, this.projectId, { ...this.choice, executorImageId })
  }

  train(parameters: object, choice: Choice = {}): Promise<{ id: string; jobId: string }> {
    return trainModel(this.client, {
      ...this.choice,
      ...choice,
      ...{ name: `model ${(names += 1)}`, parameters },
    })
  }

  /** Trains with an image that runs these lines of bash first; where they do not exit, it goes on and succeeds. */
  async run(script: string, parameters: object = {}, choice: Choice = {}): Promise<string> {
    return (await this.runModel(script, parameters, choice)).jobId
  }

  /** As `run`, with the model's id. */
  runModel(
    script: string,
    parameters: object = {},
    choice: Choice = {},
  ): Promise<{ id: string; jobId: string }> {
    const encoded = Buffer.from(script).toString('base64')
    return this.train({ behave: 'script', script: encoded, ...parameters }, choice)
  }

  /** Waits for the job's end, whatever it is. */
  ended(jobId: string): Promise<Job> {
    return waitUntil(
      `job ${jobId} to end`,
      async () => {
        const job = await readJob(this.client, jobId)
        return ['SUCCEEDED', 'FAILED', 'CANCELLED'].includes(job.state) && job
      },
      { timeoutMs: 60_000, everyMs: 100 },
    )
  }

  async reaches(jobId: string, state: string): Promise<void> {
    const isThere = async () => (await readJob(this.client, jobId)).state === state
    await waitUntil(`job ${jobId} to be ${state}`, isThere, { timeoutMs: 60_000 })
  }

  /** Lets a job go on whose script waits for the file `go`. */
  release(jobId: string): Promise<void> {
    return writeFile(join(this.home, 'jobs', jobId, 'out', 'go'), '')
  }

  cancel(id: string): Promise<object> {
    return this.client.ask(`mutation ($id: ID!) { cancelJob(input: { id: $id }) { job { state } } }`, { id })
  }

  /** What the job printed so far. */
  async logOf(id: string): Promise<string> {
    const query = `query ($id: ID!) { job(id: $id) { log { text } } }`
    return (await this.client.ask<{ job: { log: { text: string } } }>(query, { id })).job.log.text
  }

  /** Runs lines of bash, which leave no model. @returns what they printed */
  async printed(script: string, parameters: object = {}): Promise<string> {
    const jobId = await this.run(`${script}\nexit 1`, parameters)
    await this.ended(jobId)
    return this.logOf(jobId)
  }

  progress(jobId: string): Following<Progress> {
    const query = `subscription ($jobId: ID!, $after: String) {
      jobProgress(jobId: $jobId, after: $after) {
        cursor state progress message queuePlace waitingFor estimatedStart
      }
    }`
    return this.client.follow<Progress>(query, { jobId })
  }
}

/** Lines of a script that wait for `release`. */
export const untilReleased = 'until [ -e "$OUT/go" ]; do sleep 0.05; done'

export interface RegisteredImage {
  readonly id: string
  readonly state: string
  readonly digest: string | null
  readonly problem: { readonly code: string; readonly message: string; readonly advice: string } | null
  readonly revisions: readonly { readonly digest: string }[]
}

/** Registers an executor image and waits until it is READY or FAILED. */
export async function registerImage(
  client: ApiClient,
  image: { name: string; driver: string; reference: string },
): Promise<RegisteredImage> {
  const mutation = `mutation ($input: RegisterExecutorImageInput!) {
    registerExecutorImage(input: $input) { executorImage { id } }
  }`
  const { registerExecutorImage } = await client.ask<{
    registerExecutorImage: { executorImage: { id: string } }
  }>(mutation, { input: image })
  const { id } = registerExecutorImage.executorImage
  const pull = followPull(client, id)
  await pull.toItsEnd()
  pull.stop()
  return readImage(client, id)
}

export function followPull(client: ApiClient, id: string) {
  return client.follow<{ cursor: string; state: string; progress: number }>(
    `subscription ($id: ID!, $after: String) {
      executorImageProgress(executorImageId: $id, after: $after) { cursor state progress }
    }`,
    { id },
  )
}

export async function readImage(client: ApiClient, id: string): Promise<RegisteredImage> {
  const query = `query ($id: ID!) {
    executorImage(id: $id) { id state digest problem { code message advice } revisions { digest } }
  }`
  return (await client.ask<{ executorImage: RegisteredImage }>(query, { id })).executorImage
}
