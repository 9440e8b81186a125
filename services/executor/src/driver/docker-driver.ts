import { availableParallelism, totalmem } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { log } from '@ymir/service'
import type Docker from 'dockerode'
import { extract } from 'tar-stream'
import { JobProblem } from '../job/failure.ts'
import { takeContainerLog } from './container-log.ts'
import type { Driver, Ending, Launch, Remains, Started } from './driver.ts'
import { connectToEngine, ensureImage, hasStatus } from './engine.ts'
import { imageFileNames } from './image-folder.ts'
import { ContainerUsage } from '../resource/container-usage.ts'
import type { Usage } from '../resource/resources.ts'

/** What a container may use. */
export interface ContainerLimits {
  readonly memoryBytes: number
  readonly cpus: number
  readonly processes: number
  readonly openFiles: number
}

/** YMIR_JOB_MEMORY_BYTES (default nine tenths of the machine's), YMIR_JOB_CPUS (default all). */
export function containerLimits(environment: NodeJS.ProcessEnv = process.env): ContainerLimits {
  return {
    memoryBytes: Number(environment.YMIR_JOB_MEMORY_BYTES ?? Math.floor(totalmem() * 0.9)),
    cpus: Number(environment.YMIR_JOB_CPUS ?? availableParallelism()),
    processes: 4_096,
    openFiles: 65_536,
  }
}

const label = 'ymir.job'
const pollMs = 300
/** How long an engine may be away while its containers run on. */
const enginePatienceMs = 60_000
const largestTemplateBytes = 2 ** 20

/**
 * Runs images as containers of Docker, or of Podman through its Docker-compatible socket: /in read-only, /out writable,
 * no network, no capabilities, no new privileges. Containers live on while this service is away.
 */
export class DockerDriver implements Driver {
  readonly name = 'docker'
  private connected: Promise<Docker> | undefined
  private readonly usage = new ContainerUsage()

  /** @param environment DOCKER_HOST; YMIR_ENGINE_JOBS: the jobs' folder as the engine sees it, when this service runs in a container */
  constructor(
    private readonly environment: NodeJS.ProcessEnv = process.env,
    private readonly limits: ContainerLimits = containerLimits(environment),
  ) {}

  async inspect(reference: string) {
    const engine = await this.engine()
    const image = await ensureImage(engine, { reference, digest: null })
    // created, never started: none of the image's code runs
    const container = await engine.createContainer({ Image: image.Id, Cmd: ['true'], NetworkDisabled: true })
    try {
      return { files: await readImageFiles(container), digest: image.RepoDigests?.[0] ?? image.Id }
    } finally {
      await container.remove({ force: true })
    }
  }

  async prepare({ image }: Launch): Promise<void> {
    await ensureImage(await this.engine(), image)
  }

  async start(launch: Launch): Promise<void> {
    const engine = await this.engine()
    const image = await ensureImage(engine, launch.image)
    const container = await engine.createContainer({
      name: nameOf(launch),
      Image: image.Id,
      // the contract's start command, where the image names none
      ...(image.Config.Cmd?.length || image.Config.Entrypoint?.length
        ? {}
        : { Cmd: ['bash', '/usr/bin/start.sh'] }),
      Labels: { [label]: launch.jobId },
      NetworkDisabled: true,
      HostConfig: this.hostConfig(launch),
    })
    await container.start()
  }

  async adopt(job: Started): Promise<Remains> {
    const state = await this.stateOf(job)
    if (!state || state.Status === 'created') return 'nothing'
    return hasEnded(state) ? 'ended' : 'running'
  }

  async watch(job: Started, signal: AbortSignal): Promise<Ending> {
    const engine = await this.engine()
    const container = engine.getContainer(nameOf(job))
    const following = new AbortController()
    const followed = this.follow(container, job, AbortSignal.any([signal, following.signal]))
    try {
      // dockerode's wait() never settles when the engine's connection drops: look instead
      const state = await this.endOf(job, signal)
      if (!state) return { how: 'lost', why: 'the container is gone from the engine' }
      following.abort()
      await followed
      await this.completeLog(container, job)
      // Podman on cgroup v1 leaves OOMKilled false though the kernel's killer ended the container
      return { how: 'exited', exitCode: state.ExitCode, outOfMemory: state.OOMKilled }
    } finally {
      following.abort()
      await followed
    }
  }

  async stop(job: Started, patienceMs: number): Promise<void> {
    const state = await this.stateOf(job)
    if (!state || hasEnded(state) || state.Status === 'created') return
    const engine = await this.engine()
    const container = engine.getContainer(nameOf(job))
    await container.kill({ signal: 'SIGTERM' }).catch(ignoreEnded)
    const deadline = Date.now() + patienceMs
    while (Date.now() < deadline && !hasEnded(await this.stateOf(job))) await delay(100)
    if (!hasEnded(await this.stateOf(job))) await container.kill({ signal: 'SIGKILL' }).catch(ignoreEnded)
    while (!hasEnded(await this.stateOf(job))) await delay(100)
    await this.completeLog(container, job)
  }

  async measure(job: Started): Promise<Usage | undefined> {
    return this.usage.of(nameOf(job), await this.engine())
  }

  async collect(job: Started): Promise<void> {
    this.usage.forget(nameOf(job))
    const engine = await this.engine()
    await engine.getContainer(nameOf(job)).remove({ force: true, v: true }).catch(ignoreMissing)
  }

  private hostConfig({ folders, gpus, sharedMemoryBytes }: Launch): Docker.HostConfig {
    const { memoryBytes, cpus, processes, openFiles } = this.limits
    return {
      Binds: [`${this.asEngineSees(folders.input)}:/in:ro`, `${this.asEngineSees(folders.output)}:/out:rw`],
      NetworkMode: 'none',
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      Memory: memoryBytes,
      MemorySwap: memoryBytes,
      NanoCpus: cpus * 1e9,
      PidsLimit: processes,
      ShmSize: sharedMemoryBytes,
      // without explicit ones Podman asks for more than it may have, where CAP_SYS_RESOURCE is missing
      Ulimits: [
        { Name: 'nofile', Soft: openFiles, Hard: openFiles },
        { Name: 'nproc', Soft: processes, Hard: processes },
      ],
      DeviceRequests: gpus.length
        ? [{ Driver: 'nvidia', DeviceIDs: gpus.map(({ uuid }) => uuid), Capabilities: [['gpu']] }]
        : undefined,
    }
  }

  /** A service that itself runs in a container knows its folders under other paths than the engine. */
  private asEngineSees(path: string): string {
    const { YMIR_ENGINE_JOBS, YMIR_HOME } = this.environment
    if (!YMIR_ENGINE_JOBS || !YMIR_HOME) return path
    return path.replace(`${YMIR_HOME}/jobs`, YMIR_ENGINE_JOBS)
  }

  private async engine(): Promise<Docker> {
    this.connected ??= connectToEngine(this.environment)
    try {
      return await this.connected
    } catch (error) {
      this.connected = undefined // it may be installed or started later
      throw error
    }
  }

  /** @returns undefined when there is no such container */
  private async stateOf(job: Started): Promise<State | undefined> {
    const engine = await this.engine()
    try {
      const { State } = await engine.getContainer(nameOf(job)).inspect()
      return State
    } catch (error) {
      if (hasStatus(error, 404)) return undefined
      throw error
    }
  }

  private async endOf(job: Started, signal: AbortSignal): Promise<State | undefined> {
    let answeredAt = Date.now()
    for (;;) {
      signal.throwIfAborted()
      try {
        const state = await this.stateOf(job)
        answeredAt = Date.now()
        if (!state || hasEnded(state)) return state
      } catch (error) {
        if (Date.now() - answeredAt > enginePatienceMs)
          throw new JobProblem('MACHINE_LOST', `the container engine is away: ${String(error)}`)
      }
      await delay(pollMs, undefined, { signal })
    }
  }

  private async completeLog(container: Docker.Container, { log: jobLog }: Started): Promise<void> {
    await takeContainerLog(container, jobLog)
    await jobLog.end()
  }

  private async follow(container: Docker.Container, job: Started, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await takeContainerLog(container, job.log, signal).catch((error: unknown) => {
        if (!signal.aborted) log.warn(`the log of job ${job.jobId} is read again: ${String(error)}`)
      })
      await delay(pollMs, undefined, { signal }).catch(() => {})
    }
  }
}

type State = Docker.ContainerInspectInfo['State']

function hasEnded(state: State | undefined): boolean {
  return !state || state.Status === 'exited' || state.Status === 'dead'
}

function nameOf({ jobId }: Pick<Started, 'jobId'>): string {
  return `ymir-job-${jobId}`
}

async function readImageFiles(container: Docker.Container): Promise<Map<string, string>> {
  const files = new Map<string, string>()
  let archive: NodeJS.ReadableStream
  try {
    archive = await container.getArchive({ path: '/img-man' })
  } catch (error) {
    if (hasStatus(error, 404)) return files
    throw error
  }
  for await (const entry of archive.pipe(extract())) {
    const name = entry.header.name.replace(/^\.?\/?img-man\//, '')
    const chunks: Buffer[] = []
    const wanted = imageFileNames.includes(name) && (entry.header.size ?? 0) <= largestTemplateBytes
    for await (const chunk of entry) if (wanted) chunks.push(chunk as Buffer) // a stream of bytes
    if (wanted) files.set(name, Buffer.concat(chunks).toString())
  }
  return files
}

function ignoreMissing(error: unknown): void {
  if (!hasStatus(error, 404)) throw error
}

/** 409: the container does not run; Podman says 500 then. */
function ignoreEnded(error: unknown): void {
  if (!hasStatus(error, 404, 409, 500)) throw error
}
