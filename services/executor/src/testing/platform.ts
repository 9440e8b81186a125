import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openBlobs, writeJsonLines, type Blobs } from '@ymir/blobs'
import { busMigrations, type Bus } from '@ymir/bus'
import { openTestDatabase } from '@ymir/database'
import { encodeEvent, typeOf } from '@ymir/proto-events'
import { openCipher, waitUntil } from '@ymir/service'
import type { DataSource } from 'typeorm'
import { jobFolders } from '../contract/layout.ts'
import type { DatasetVersions, ManifestEntry } from '../contract/manifest.ts'
import type { Driver, Gpu, Started } from '../driver/driver.ts'
import { ProcessDriver } from '../driver/process-driver.ts'
import type { ExecutorImage } from '../image/image.entity.ts'
import { Pulls } from '../image/pulls.ts'
import { registerImage, type Drivers } from '../image/registry.ts'
import { JobProblem } from '../job/failure.ts'
import { Job } from '../job/job.entity.ts'
import { isTerminal, type JobState } from '../job/job.ts'
import type { Limits } from '../job/limits.ts'
import { enqueueJob, type NewJob } from '../job/transition.ts'
import { migrations } from '../migrations.ts'
import { Dispatcher, type QueueOptions } from '../queue/dispatcher.ts'
import { cpuSlots, gpuSlots } from '../queue/slots.ts'
import { JobLog } from '../log/job-log.ts'
import { LatestResources } from '../resource/job-meter.ts'
import { Mask } from '../secret/mask.ts'
import { Secrets } from '../secret/secrets.ts'
import { entities } from '../subgraph.ts'

export const sampleImage = join(dirname(fileURLToPath(import.meta.url)), 'sample-image')

/** Something said on the bus. */
export interface Said {
  readonly type: string
  // events as JSON: tests look at what they expect to be there
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly data: any
}

/** The executor's parts on a real database and real files, with the bus's telemetry kept for a test to look at. */
export interface Platform {
  readonly database: DataSource
  readonly blobs: Blobs
  readonly versions: DatasetVersions
  readonly jobsFolder: string
  readonly drivers: Drivers
  readonly image: ExecutorImage
  readonly pulls: Pulls
  /** Ids of users who are administrators. */
  readonly administrators: Set<string>
  readonly telemetry: Said[]
  readonly bus: Pick<Bus, 'emit' | 'telemetry'>
  readonly projectId: string
  readonly secrets: Secrets
  readonly resources: LatestResources
  dispatcher: Dispatcher
  /** As after a restart of the service: a new dispatcher on the same database and files. */
  restart(): Promise<void>
  addVersion(entries: readonly ManifestEntry[]): Promise<string>
  addAsset(text: string): Promise<string>
  request(job?: Partial<NewJob>): Promise<string>
  job(id: string): Promise<Job>
  /** State changes of a job in order, as the outbox has them. */
  events(jobId: string, type?: string): Promise<Said[]>
  reaches(id: string, state: JobState, timeoutMs?: number): Promise<Job>
  ends(id: string, timeoutMs?: number): Promise<Job>
  close(): Promise<void>
}

const outbox = `insert into outbox (id, subject, type, project_id, entity_id, actor_id, data)
  values ($1, '', $2, $3, '', '', $4)`

/** @param docker runs images whose driver is docker; @param slurm likewise: one of them runs the image */
export async function aPlatform({
  slots = 1,
  limits: given = {} as Partial<Limits>,
  docker = undefined as Driver | undefined,
  slurm = undefined as Driver | undefined,
  reference = sampleImage,
  gpus = [] as readonly Gpu[],
  queue = {} as QueueOptions,
}: {
  slots?: number
  limits?: Partial<Limits>
  docker?: Driver
  slurm?: Driver
  reference?: string
  gpus?: readonly Gpu[]
  queue?: QueueOptions
} = {}): Promise<Platform> {
  const limits = { timeSeconds: 60, outputBytes: 2 ** 30, restarts: 0, ...given }
  const { database, close } = await openTestDatabase('executor', {
    entities,
    migrations: [...busMigrations, ...migrations],
  })
  const home = await mkdtemp(join(tmpdir(), 'ymir-executor-'))
  const blobs = await openBlobs(join(home, 'blobs'))
  const jobsFolder = join(home, 'jobs')
  const telemetry: Said[] = []
  const bus: Platform['bus'] = {
    emit: async (manager, schema, init) => {
      const id = randomUUID()
      const data = encodeEvent(schema, init)
      await manager.query(outbox, [id, typeOf(schema), data.projectId, JSON.stringify(data)])
      return id
    },
    telemetry: (schema, init) =>
      void telemetry.push({ type: typeOf(schema), data: encodeEvent(schema, init) }),
  }
  const projectId = randomUUID()
  const manifests = new Map<string, { sha256: string; size: number }>()
  const versions: DatasetVersions = {
    manifestOf: (versionId) => {
      const manifest = manifests.get(versionId)
      if (manifest) return Promise.resolve(manifest)
      return Promise.reject(new JobProblem('BAD_CONFIGURATION', `there is no dataset version ${versionId}`))
    },
  }
  const process = new ProcessDriver()
  const drivers: Drivers = { process, docker: docker ?? process, slurm: slurm ?? process }
  const pulls = new Pulls({ database, bus, drivers })
  const administrators = new Set<string>()
  const image = await registerImage(
    { database, bus, drivers, pulls },
    {
      name: 'sample',
      driver: (docker ?? slurm ?? process).name,
      reference,
    },
  )
  const secrets = await Secrets.open(database, openCipher('of a test', 'secrets'))
  const resources = new LatestResources()
  const parts = {
    ...{ database, bus, blobs, versions, jobsFolder, limits, mask: secrets.mask, resources },
    requesters: {
      isAdministrator: ({ actorId }: { actorId: string }) => Promise.resolve(administrators.has(actorId)),
    },
  }
  const newDispatcher = () => new Dispatcher([...cpuSlots(slots), ...gpuSlots(gpus)], drivers, parts, queue)

  const platform: Platform = {
    database,
    blobs,
    versions,
    jobsFolder,
    drivers,
    image,
    pulls,
    administrators,
    telemetry,
    bus,
    projectId,
    secrets,
    resources,
    dispatcher: newDispatcher(),
    restart: async () => {
      await platform.dispatcher.stop()
      platform.dispatcher = newDispatcher()
      await platform.dispatcher.start()
    },
    addVersion: async (entries) => {
      const id = randomUUID()
      manifests.set(id, await writeJsonLines(blobs, entries))
      return id
    },
    addAsset: async (text) => (await blobs.put(Buffer.from(text))).sha256,
    request: async (job = {}) => {
      const id = randomUUID()
      await enqueueJob(database.manager, bus, {
        id,
        projectId,
        executorImageId: image.id,
        kinds: ['TRAINING'],
        gpuCount: 0,
        priority: 0,
        actorId: '',
        ...job,
        request: { classNames: ['cat', 'dog'], parameters: {}, candidateImages: [], ...job.request },
      })
      void platform.dispatcher.wake()
      return id
    },
    job: (id) => database.getRepository(Job).findOneByOrFail({ id }),
    events: async (jobId, type = 'ymir.job.state_changed') =>
      database.query(
        `select type, data from outbox where data->>'jobId' = $1 and type like $2 order by position`,
        [jobId, `%${type.split('.').slice(-2).join('.')}%`],
      ),
    reaches: (id, state, timeoutMs = 10_000) =>
      waitUntil(
        `job ${id} to be ${state}`,
        async () => {
          const job = await platform.job(id)
          if (isTerminal(job.state) && job.state !== state)
            throw new Error(`it is ${job.state}: ${JSON.stringify(job.failure)}`)
          return job.state === state && job
        },
        { timeoutMs },
      ),
    ends: (id, timeoutMs = 15_000) =>
      waitUntil(
        `job ${id} to end`,
        async () => {
          const job = await platform.job(id)
          return isTerminal(job.state) && job
        },
        { timeoutMs },
      ),
    close: async () => {
      const left = await database.query(
        `select id from jobs where state in ('QUEUED', 'PREPARING', 'RUNNING', 'COLLECTING')`,
      )
      // rows of our own query
      for (const { id } of left as { id: string }[]) await platform.dispatcher.cancel(id)
      await platform.dispatcher.stop()
      await pulls.stop()
      for (const { id } of left as { id: string }[]) {
        const folders = jobFolders(jobsFolder, id)
        const log = new JobLog(folders.log, secrets.mask)
        await drivers[image.driver].stop({ jobId: id, folders, log }, 0)
        await log.close()
      }
      await close()
      await rm(home, { recursive: true, force: true })
    },
  }
  return platform
}

/** A job as its driver knows it. */
export function startedOf({ jobsFolder }: Pick<Platform, 'jobsFolder'>, jobId: string): Started {
  const folders = jobFolders(jobsFolder, jobId)
  return { jobId, folders, log: new JobLog(folders.log, () => new Mask([])) }
}

/** A version's line with one cat and something else on it. */
export async function anEntry(platform: Platform, name: string): Promise<ManifestEntry> {
  return {
    assetId: await platform.addAsset(`\xff\xd8\xff image ${name}`),
    format: 'jpg',
    width: 100,
    height: 80,
    annotations: [
      { label: 'cat', box: { x: 10, y: 20, width: 30, height: 40 } },
      { label: 'zebra', box: { x: 1, y: 2, width: 3, height: 4 } },
    ],
  }
}

/** A training on three images, validated on one. */
export async function aTraining(
  platform: Platform,
  parameters: Record<string, unknown> = {},
): Promise<Partial<NewJob>> {
  const training = await Promise.all(['a', 'b', 'c'].map((name) => anEntry(platform, name)))
  const validation = [await anEntry(platform, 'v')]
  return {
    kinds: ['TRAINING'],
    request: {
      classNames: ['cat', 'dog'],
      parameters,
      candidateImages: [],
      trainingVersionId: await platform.addVersion(training),
      validationVersionId: await platform.addVersion(validation),
    },
  }
}
