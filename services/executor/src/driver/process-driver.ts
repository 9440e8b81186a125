import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { basename } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { waitUntil } from '@ymir/service'
import { completeLog, makeRawOutput, removeRawOutput, whileFollowing } from '../log/raw-output.ts'
import { ProcessTable } from '../resource/process-usage.ts'
import type { Usage } from '../resource/resources.ts'
import { Changes } from '../watch/changes.ts'
import type { Driver, Ending, Launch, Remains, Started } from './driver.ts'
import { inspectImageFolder, requireStartScript } from './image-folder.ts'
import { environmentHas, groupOf, isRunning, signalGroup } from './process-group.ts'
import {
  environmentOf,
  exitCodeOf,
  newAttempt,
  pidOf,
  revokeAttempt,
  wrapperCommand,
  wrapperName,
} from './wrapper.ts'

/** The exit code is looked for when the job's folder changes; this is for where the system does not tell of that. */
const lookEveryMs = 500
/** Between two looks: the folder changes whenever an image prints. */
const pauseMs = 50
/** Between two looks for the process itself: it is gone without an exit code only when it was killed. */
const aliveEveryMs = 1_000

/**
 * Runs an image's folder as a process of this machine, in a process group of its own that outlives the service. The
 * image finds its folders in YMIR_IN and YMIR_OUT: one that insists on /in and /out needs the docker driver, and so does
 * one that is not trusted, for a process sees the whole machine with the rights of the service.
 */
export class ProcessDriver implements Driver {
  readonly name = 'process'
  private readonly processes = new ProcessTable()

  inspect(reference: string) {
    return inspectImageFolder(reference)
  }

  async prepare({ image }: Pick<Launch, 'image'>): Promise<void> {
    await requireStartScript(image.reference)
  }

  async start(launch: Launch): Promise<void> {
    const { folders } = launch
    const [program, ...programArguments] = wrapperCommand(launch, await newAttempt(folders))
    await makeRawOutput(folders.root)
    const child = spawn(program, programArguments, {
      cwd: folders.output,
      env: environmentOf(launch),
      detached: true,
      stdio: 'ignore',
    })
    await once(child, 'spawn')
    child.unref()
    await waitUntil(
      `job ${launch.jobId} to note its process`,
      async () => (await pidOf(launch)) !== undefined,
    )
  }

  async adopt(job: Started): Promise<Remains> {
    if ((await exitCodeOf(job)) !== undefined) return 'ended'
    const pid = await pidOf(job)
    if (pid === undefined) return 'nothing'
    return (await isWrapper(pid, job)) ? 'running' : 'ended'
  }

  watch(job: Started, signal: AbortSignal): Promise<Ending> {
    return whileFollowing(job.folders.root, job.log, signal, () => this.endOf(job, signal))
  }

  async measure(job: Started): Promise<Usage | undefined> {
    const pid = await pidOf(job)
    return pid === undefined ? undefined : this.processes.usageOf(pid)
  }

  async stop(job: Started, patienceMs: number): Promise<void> {
    await revokeAttempt(job.folders)
    const pid = await pidOf(job)
    if (pid === undefined || !(await isWrapper(pid, job))) return
    signalGroup(pid, 'SIGTERM')
    const deadline = Date.now() + patienceMs
    while (Date.now() < deadline && (await isWrapper(pid, job))) await delay(25)
    if (await isWrapper(pid, job)) signalGroup(pid, 'SIGKILL')
    while (await isWrapper(pid, job)) await delay(25)
    await completeLog(job.folders.root, job.log)
  }

  /** Everything else is on this machine already. */
  async collect({ folders }: Started): Promise<void> {
    await removeRawOutput(folders.root)
  }

  /** One that left the group, as the workers of some launchers do, has kept the job's environment. */
  async owns(job: Started, pid: number): Promise<boolean | undefined> {
    const group = groupOf(pid)
    if (group === undefined) return undefined
    return group === (await pidOf(job)) || environmentHas(pid, `YMIR_JOB=${job.jobId}`)
  }

  private async endOf(job: Started, signal: AbortSignal): Promise<Ending> {
    const changes = new Changes()
    let lookedAt = -Infinity
    try {
      for (;;) {
        signal.throwIfAborted()
        changes.arm([job.folders.root])
        const exitCode = await exitCodeOf(job)
        if (exitCode !== undefined) return { how: 'exited', exitCode, outOfMemory: false }
        if (performance.now() - lookedAt > aliveEveryMs) {
          lookedAt = performance.now()
          if ((await this.adopt(job)) !== 'running') return await lastWordOf(job)
        }
        await changes.wait(lookEveryMs, signal)
        await delay(pauseMs, undefined, { signal })
      }
    } finally {
      changes.close()
    }
  }
}

/** How a job ended whose process is gone: it may have noted its exit code between two looks. */
async function lastWordOf(job: Started): Promise<Ending> {
  const exitCode = await exitCodeOf(job)
  if (exitCode !== undefined) return { how: 'exited', exitCode, outOfMemory: false }
  return {
    how: 'lost',
    why: 'the process is gone without an exit code: it was killed, or the machine restarted',
  }
}

/** A pid alone may have been given to another program since: the wrapper is known by its arguments. */
async function isWrapper(pid: number, { folders, jobId }: Started): Promise<boolean> {
  if (basename(folders.root) !== jobId) throw new Error(`${folders.root} is not the folder of job ${jobId}`)
  return isRunning(pid, [wrapperName, folders.root]) && groupOf(pid) === pid
}
