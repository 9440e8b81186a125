import { readFile } from 'node:fs/promises'
import { availableParallelism, totalmem } from 'node:os'
import { dirname } from 'node:path'
import type { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { log } from '@ymir/service'
import type Docker from 'dockerode'
import { extract } from 'tar-stream'
import { JobProblem } from '../job/failure.ts'
import { ContainerUsage } from '../resource/container-usage.ts'
import type { Usage } from '../resource/resources.ts'
import { takeContainerLog } from './container-log.ts'
import {
  nameOf,
  type Driver,
  type Ending,
  type Fetching,
  type Inspection,
  type Launch,
  type Remains,
  type Started,
} from './driver.ts'
import {
  connectToEngine,
  digestOf,
  engineAddresses,
  findContainerImage,
  hasStatus,
  isAway,
  isGone,
  removeContainer,
} from './engine.ts'
import { imageFileNames } from './image-folder.ts'
import { pullImage, type CredentialsOf } from './pull.ts'

/** What a container may use. */
export interface ContainerLimits {
  readonly memoryBytes: number
  readonly cpus: number
  readonly processes: number
  readonly openFiles: number
}

/**
 * YMIR_JOB_MEMORY_BYTES (default nine tenths of the machine's), YMIR_JOB_CPUS (default all), YMIR_JOB_OPEN_FILES (65,536; an
 * engine that may not raise its own limit refuses more than that).
 */
export function containerLimits(environment: NodeJS.ProcessEnv = process.env): ContainerLimits {
  return {
    memoryBytes: Number(environment.YMIR_JOB_MEMORY_BYTES ?? Math.floor(totalmem() * 0.9)),
    cpus: Number(environment.YMIR_JOB_CPUS ?? availableParallelism()),
    processes: 4_096,
    openFiles: Number(environment.YMIR_JOB_OPEN_FILES ?? 65_536),
  }
}

/** The contract's start command, for an image that names none, and its script. */
const startScript = '/usr/bin/start.sh'
const startCommand: readonly string[] = ['bash', startScript]
const label = 'ymir.job'
/** Whose job: several platforms may use one engine. */
const folderLabel = 'ymir.jobs'
const pollMs = 300
/** How long an engine may be away while its containers run on. */
const enginePatienceMs = 60_000
const largestTemplateBytes = 2 ** 20

/**
 * Runs images as containers of Docker, or of Podman through its Docker-compatible socket: /in read-only, /out writable,
 * no network unless it was allowed, no capabilities, no new privileges. Containers live on while this service is away.
 */
export class DockerDriver implements Driver {
  readonly name = 'docker'
  private connected: Promise<Docker> | undefined
  private readonly usage = new ContainerUsage()

  /**
   * @param environment DOCKER_HOST; YMIR_ENGINE_JOBS: the jobs' folder as the engine sees it, when this service runs in a container
   * @param credentialsOf who pulls from a registry
   */
  constructor(
    private readonly environment: NodeJS.ProcessEnv = process.env,
    private readonly limits: ContainerLimits = containerLimits(environment),
    private readonly credentialsOf: CredentialsOf = () => Promise.resolve(undefined),
  ) {}

  async inspect(reference: string): Promise<Inspection> {
    const engine = await this.engine()
    const image = await findContainerImage(engine, reference)
    if (!image) throw new JobProblem('IMAGE_MISSING', `container image ${reference} is not here`)
    // created, never started: none of the image's code runs
    const container = await engine.createContainer({ Image: image.Id, Cmd: ['true'], NetworkDisabled: true })
    try {
      const script = { path: startScript, present: await hasFile(container, startScript) }
      return {
        files: await readImageFiles(container),
        digest: digestOf(image, reference),
        start: { command: commandOf(image) ?? startCommand, script },
      }
    } finally {
      await removeContainer(container)
    }
  }

  async fetch(reference: string, fetching?: Fetching): Promise<void> {
    await pullImage(await this.engine(), reference, this.credentialsOf, fetching)
  }

  async prepare({ image }: Pick<Launch, 'image'>, signal?: AbortSignal): Promise<void> {
    await this.ensureImage(image, signal) // without an engine, the job fails at once
  }

  async start(launch: Launch): Promise<void> {
    await this.ask(async (engine) => {
      const image = await this.ensureImage(launch.image)
      const { user, network } = launch.image
      // asked a second time, when the engine went away before it answered, there may be one
      await removeContainer(engine.getContainer(nameOf(launch)))
      const container = await engine.createContainer({
        name: nameOf(launch),
        Image: image.Id,
        ...(commandOf(image) ? {} : { Cmd: [...startCommand] }),
        ...(user ? { User: user } : {}),
        Labels: { [label]: launch.jobId, [folderLabel]: dirname(launch.folders.root) },
        NetworkDisabled: !network,
        HostConfig: this.hostConfig(launch),
      })
      await container.start()
    })
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
      await this.completeLog(job)
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
    const signal = (name: string) =>
      this.ask((engine) => engine.getContainer(nameOf(job)).kill({ signal: name }).catch(ignoreEnded))
    await signal('SIGTERM')
    const deadline = Date.now() + patienceMs
    while (Date.now() < deadline && !hasEnded(await this.stateOf(job))) await delay(100)
    if (!hasEnded(await this.stateOf(job))) await signal('SIGKILL')
    while (!hasEnded(await this.stateOf(job))) await delay(100)
    await this.completeLog(job)
  }

  async measure(job: Started): Promise<Usage | undefined> {
    return this.usage.of(nameOf(job), await this.engine())
  }

  /** Of the container's own layer: everything that it wrote outside of its mounts. */
  async scratchBytes(job: Started): Promise<number> {
    const engine = await this.engine()
    const sized: object = { size: true } // dockerode's types leave it out, and what it asks for
    const found: { Id: string; SizeRw?: number } = await engine.getContainer(nameOf(job)).inspect(sized)
    return found.SizeRw ?? 0
  }

  async collect(job: Started): Promise<void> {
    this.usage.forget(nameOf(job))
    await this.ask((engine) => removeContainer(engine.getContainer(nameOf(job))))
  }

  async sweep(
    jobsFolder: string,
    areWanted: (jobIds: string[]) => Promise<ReadonlySet<string>>,
  ): Promise<void> {
    if (engineAddresses(this.environment).length === 0) return
    const engine = await this.engine()
    const filters = { label: [`${folderLabel}=${jobsFolder}`] }
    const found = await engine.listContainers({ all: true, filters })
    const wanted = await areWanted(found.map(({ Labels }) => Labels[label] ?? ''))
    for (const { Id, Labels } of found) {
      if (wanted.has(Labels[label] ?? '')) continue
      log.warn(`container ${Id.slice(0, 12)} of job ${Labels[label]} is removed: the job has ended`)
      await removeContainer(engine.getContainer(Id))
    }
  }

  /** The kernel names the container's id in the control group of each of its processes. */
  async owns(job: Started, pid: number): Promise<boolean | undefined> {
    const group = await readFile(`/proc/${pid}/cgroup`, 'utf8').catch(() => undefined)
    if (group === undefined) return undefined // the engine is on another machine, or this service in a container
    try {
      const engine = await this.engine()
      const { Id } = await engine.getContainer(nameOf(job)).inspect()
      return group.includes(Id)
    } catch {
      return undefined // the engine is away, or the container has just gone
    }
  }

  private hostConfig({ folders, gpus, sharedMemoryBytes, image }: Launch): Docker.HostConfig {
    const { memoryBytes, cpus, processes, openFiles } = this.limits
    return {
      Binds: [`${this.asEngineSees(folders.input)}:/in:ro`, `${this.asEngineSees(folders.output)}:/out:rw`],
      NetworkMode: image.network ? undefined : 'none',
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

  /** The very image where its digest is known; it is pulled when the engine has lost it. */
  private async ensureImage(
    { reference, digest }: Launch['image'],
    signal?: AbortSignal,
  ): Promise<Docker.ImageInspectInfo> {
    const engine = await this.engine()
    const exact = digest ?? reference
    const here = await findContainerImage(engine, exact)
    if (here) return here
    try {
      await pullImage(engine, exact, this.credentialsOf, { signal })
    } catch (error) {
      if (!(error instanceof JobProblem)) throw error
      const name = `${reference}${digest ? ` (${digest})` : ''}`
      const message = `container image ${name} is not here and cannot be pulled: ${error.message}`
      throw new JobProblem(error.code, message, error)
    }
    return engine.getImage(exact).inspect()
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

  /**
   * Asks the engine about a job that was or will be its own, and asks again while it is away: it may be restarting, and
   * its containers run on. Rejects when the signal aborts while it is away.
   * @throws JobProblem ENGINE_LOST
   */
  private async ask<T>(act: (engine: Docker) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const deadline = Date.now() + enginePatienceMs
    for (;;) {
      try {
        return await act(await this.engine())
      } catch (error) {
        if (!isAway(error)) throw error
        if (Date.now() > deadline)
          throw new JobProblem('ENGINE_LOST', `the container engine is away: ${String(error)}`)
        await delay(pollMs, undefined, { signal })
      }
    }
  }

  /** @returns undefined when there is no such container */
  private async stateOf(job: Started, signal?: AbortSignal): Promise<State | undefined> {
    return this.ask(async (engine) => {
      try {
        const { State } = await engine.getContainer(nameOf(job)).inspect()
        return State
      } catch (error) {
        if (isGone(error)) return undefined
        throw error
      }
    }, signal)
  }

  private async endOf(job: Started, signal: AbortSignal): Promise<State | undefined> {
    for (;;) {
      signal.throwIfAborted()
      const state = await this.stateOf(job, signal)
      if (!state || hasEnded(state)) return state
      await delay(pollMs, undefined, { signal })
    }
  }

  private async completeLog(job: Started): Promise<void> {
    await this.ask((engine) => takeContainerLog(engine.getContainer(nameOf(job)), job.log))
    await job.log.end()
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

/** What the image itself says that is started; undefined when it says nothing. */
function commandOf({ Config: { Entrypoint, Cmd } }: Docker.ImageInspectInfo): readonly string[] | undefined {
  const command = [Entrypoint ?? [], Cmd ?? []].flat()
  return command.length ? command : undefined
}

async function hasFile(container: Docker.Container, path: string): Promise<boolean> {
  try {
    const answer = (await container.infoArchive({ path })) as unknown as Readable // dockerode's types do not say it
    answer.destroy() // nobody reads it: its connection would stay open
    return true
  } catch (error) {
    if (hasStatus(error, 404)) return false
    throw error
  }
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

/** 409: the container does not run; Podman says 500 then. */
function ignoreEnded(error: unknown): void {
  if (!hasStatus(error, 404, 409, 500)) throw error
}
