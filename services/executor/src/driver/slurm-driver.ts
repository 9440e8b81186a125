import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { log } from '@ymir/service'
import { JobProblem } from '../job/failure.ts'
import { keepTrying } from '../job/keep-trying.ts'
import { nameOf, type Driver, type Ending, type Launch, type Remains, type Started } from './driver.ts'
import { inspectImageFolder, requireStartScript } from './image-folder.ts'
import { completeLog, makeRawOutput, removeRawOutput, whileFollowing } from '../log/raw-output.ts'
import { isOver, Slurm, type SlurmJob } from './slurm.ts'
import {
  attemptOf,
  beginningOf,
  environmentOf,
  exitCodeOf,
  newAttempt,
  revokeAttempt,
  wrapperCommand,
} from './wrapper.ts'

export interface SlurmOptions {
  /** How old what is known of Slurm's jobs may be: all jobs together cost Slurm one `squeue` in this time. */
  readonly pollMs: number
  /** How long a file that a node wrote may take to be seen here. */
  readonly fileDelayMs: number
}

/** YMIR_SLURM_POLL_SECONDS (default 2), YMIR_SLURM_FILE_DELAY_SECONDS (default 10). */
function readOptions(environment: NodeJS.ProcessEnv): SlurmOptions {
  return {
    pollMs: Number(environment.YMIR_SLURM_POLL_SECONDS ?? 2) * 1000,
    fileDelayMs: Number(environment.YMIR_SLURM_FILE_DELAY_SECONDS ?? 10) * 1000,
  }
}

/**
 * The script that Slurm starts. The wrapper gets a process group of its own, as the process driver gives it; TERM is
 * passed on to it, and USR2 kills it: Slurm's own way to kill waits for the cluster's KillWait, half a minute or more.
 * `wait` returns when a signal was trapped, therefore the loop. What bash says of killed children is nobody's concern.
 * Slurm leaves CUDA_VISIBLE_DEVICES unset for a job without GPUs, which would mean all of the node's.
 */
const batchScript = `#!/bin/bash
export CUDA_VISIBLE_DEVICES="\${CUDA_VISIBLE_DEVICES-}"
trap 'kill -TERM -- -$image' TERM INT HUP
trap 'kill -KILL -- -$image' USR2
set -m
"$@" &
image=$!
root=$5
exec >/dev/null 2>&1
while kill -0 $image; do wait $image; done
exit "$(cat "$root/exit" || echo 1)"
`

/** How long an image that was killed may take to be gone, before Slurm is asked to end the job in its own way. */
const killPatienceMs = 3_000

/**
 * Runs an image's folder as a batch job of Slurm, on nodes that share this machine's file system: the image's folder and
 * the jobs' folder have the same paths there. As with the process driver the image finds its folders in YMIR_IN and
 * YMIR_OUT, its log and its exit code are files in the job's folder, and it is not kept from anything: images that are
 * not trusted, or that insist on /in and /out, need a container, which this driver does not make (a site's Apptainer or
 * Pyxis could be called where the wrapper calls start.sh).
 *
 * A job is known to Slurm by its name, an attempt by its comment. Slurm forgets jobs some minutes after their end
 * (MinJobAge; no accounting database is needed): the exit code is therefore the wrapper's, and Slurm's state only says
 * what the wrapper cannot, e.g. that a node failed. While Slurm lets a job wait the job is RUNNING for us: it holds its
 * slot, what it waits for is told, and its time limit counts from when it begins (`begun`).
 */
export class SlurmDriver implements Driver {
  readonly name = 'slurm'
  private readonly slurm: Slurm

  /**
   * @param environment YMIR_SLURM_PARTITION (default: the cluster's); YMIR_JOB_MEMORY_BYTES, YMIR_JOB_CPUS (default: the
   *   partition's); what Slurm's own commands read: SLURM_CONF, SBATCH_ACCOUNT and the like
   */
  constructor(
    private readonly environment: NodeJS.ProcessEnv = process.env,
    private readonly options: SlurmOptions = readOptions(environment),
  ) {
    this.slurm = new Slurm(environment)
  }

  async inspect(reference: string) {
    await this.slurm.requireInstalled()
    return inspectImageFolder(reference)
  }

  async prepare({ image }: Launch): Promise<void> {
    await requireStartScript(image.reference)
  }

  async start(launch: Launch): Promise<void> {
    const known = await this.find(launch)
    if (known && !isOver(known)) return // it was started, though nobody noted it
    const { folders } = launch
    const attempt = await newAttempt(folders)
    await makeRawOutput(folders.root)
    const script = join(folders.root, 'slurm.sh')
    await writeFile(script, batchScript)
    const options = [
      `--job-name=${nameOf(launch)}`,
      `--comment=${attempt}`,
      ...this.resourcesOf(launch),
      '--output=/dev/null', // the wrapper keeps what the image prints
      `--chdir=${folders.output}`,
      // after the loss of a node: what the image wrote until then is no start for another run
      '--no-requeue',
    ]
    const environment = {
      ...environmentOf(launch),
      TMPDIR: undefined, // the nodes have their own
      CUDA_VISIBLE_DEVICES: undefined, // Slurm says which
    }
    try {
      await this.slurm.submit(options, [script, ...wrapperCommand(launch, attempt)], environment)
    } catch (error) {
      if (error instanceof JobProblem) throw error
      if (await this.find(launch)) return // it got through, its answer did not
      throw new JobProblem('MACHINE_LOST', `Slurm did not take the job: ${messageOf(error)}`, {
        advice:
          'Ask an administrator: the partition (YMIR_SLURM_PARTITION), memory, CPUs and GPUs must be the cluster’s.',
      })
    }
  }

  async begun(job: Started, tell: (waitingFor: string) => void, signal: AbortSignal): Promise<Date> {
    let told = ''
    for (;;) {
      signal.throwIfAborted()
      const beginning = await beginningOf(job)
      if (beginning) return beginning
      const found = await this.find(job, this.options.pollMs).catch(() => undefined) // watch() says so
      if (found?.state === 'PENDING' && ![told, 'None'].includes(found.reason)) {
        told = found.reason
        tell(`waits in Slurm's queue as job ${found.id}: ${told}`)
      }
      await delay(this.options.pollMs, undefined, { signal })
    }
  }

  async adopt(job: Started): Promise<Remains> {
    if ((await exitCodeOf(job)) !== undefined) return 'ended'
    const found = await keepTrying(`looking for job ${job.jobId} in Slurm`, () => this.find(job))
    if (found) return isOver(found) ? 'ended' : 'running'
    return (await beginningOf(job)) ? 'ended' : 'nothing'
  }

  async watch(job: Started, signal: AbortSignal): Promise<Ending> {
    return whileFollowing(job.folders.root, job.log, signal, async () => {
      const last = await this.end(job, signal)
      const exitCode = await this.exitCode(job, last, signal)
      return endingOf(exitCode, last)
    })
  }

  async stop(job: Started, patienceMs: number): Promise<void> {
    if ((await attemptOf(job)) === undefined) return // nothing was ever handed to Slurm
    await revokeAttempt(job.folders)
    if (await this.isActive(job)) await this.kill(job, patienceMs)
    await completeLog(job.folders.root, job.log)
  }

  private async kill(job: Started, patienceMs: number): Promise<void> {
    const name = nameOf(job)
    const cancel = (...options: string[]) =>
      keepTrying(`stopping job ${job.jobId} in Slurm`, () => this.slurm.cancel(name, ...options))
    const endsWithin = async (milliseconds: number) => {
      const deadline = Date.now() + milliseconds
      while (await this.isActive(job)) {
        if (Date.now() >= deadline) return false
        await delay(200)
      }
      return true
    }
    await cancel('--state=PENDING')
    await cancel('--state=RUNNING', '--batch', '--signal=TERM')
    if (await endsWithin(patienceMs)) return
    await cancel('--state=RUNNING', '--batch', '--signal=USR2')
    if (await endsWithin(killPatienceMs)) return
    await cancel()
    while (await this.isActive(job)) await delay(this.options.pollMs)
  }

  /** The nodes are not this machine: what a job uses there is not known here. */
  measure(): Promise<undefined> {
    return Promise.resolve(undefined)
  }

  /** The file system is shared, and Slurm forgets by itself. */
  async collect({ folders }: Started): Promise<void> {
    await removeRawOutput(folders.root)
  }

  private resourcesOf({ gpus, timeSeconds }: Launch): string[] {
    const { YMIR_SLURM_PARTITION, YMIR_JOB_MEMORY_BYTES, YMIR_JOB_CPUS } = this.environment
    return [
      '--nodes=1',
      '--ntasks=1',
      // the service comes first, with its own words; Slurm sees to it where the service is away
      `--time=${Math.ceil(timeSeconds / 60) + 5}`,
      ...(YMIR_SLURM_PARTITION ? [`--partition=${YMIR_SLURM_PARTITION}`] : []),
      ...(YMIR_JOB_MEMORY_BYTES ? [`--mem=${Math.ceil(Number(YMIR_JOB_MEMORY_BYTES) / 2 ** 20)}M`] : []),
      ...(YMIR_JOB_CPUS ? [`--cpus-per-task=${Math.ceil(Number(YMIR_JOB_CPUS))}`] : []),
      ...(gpus.length ? [`--gres=gpu:${gpus.length}`] : []),
    ]
  }

  /** What Slurm knows of the attempt that is wanted; what it does not know is never taken from an old answer. */
  private async find(job: Started, maximumAgeMs = 0): Promise<SlurmJob | undefined> {
    const attempt = await attemptOf(job)
    if (attempt === undefined) return undefined
    const name = nameOf(job)
    const among = (jobs: readonly SlurmJob[]) =>
      jobs.find((one) => one.name === name && one.comment === attempt)
    return among(await this.slurm.jobs(maximumAgeMs)) ?? among(await this.slurm.jobs())
  }

  /** Whether Slurm has anything of the job, of whatever attempt. */
  private async isActive(job: Started): Promise<boolean> {
    const jobs = await keepTrying(`looking for job ${job.jobId} in Slurm`, () => this.slurm.jobs())
    return jobs.some((one) => one.name === nameOf(job) && !isOver(one))
  }

  /**
   * Waits until Slurm is done with a job. Jobs run on while Slurm's controller is away, and so does this.
   * @returns undefined when Slurm does not know it any more, or is away and the image has ended
   */
  private async end(job: Started, signal: AbortSignal): Promise<SlurmJob | undefined> {
    let away = false
    for (;;) {
      signal.throwIfAborted()
      try {
        const found = await this.find(job, this.options.pollMs)
        if (!found || isOver(found)) return found
        away = false
      } catch (error) {
        if ((await exitCodeOf(job)) !== undefined) return undefined
        if (!away) log.warn(`job ${job.jobId} is watched, but Slurm does not answer: ${messageOf(error)}`)
        away = true
      }
      await delay(this.options.pollMs, undefined, { signal })
    }
  }

  /** What the wrapper noted; a shared file system may show it late. */
  private async exitCode(
    job: Started,
    last: SlurmJob | undefined,
    signal: AbortSignal,
  ): Promise<number | undefined> {
    const deadline = Date.now() + (last && last.state in causes ? 0 : this.options.fileDelayMs)
    for (;;) {
      await readdir(job.folders.root).catch(() => []) // makes NFS look again
      const exitCode = await exitCodeOf(job)
      if (exitCode !== undefined || Date.now() >= deadline) return exitCode
      await delay(100, undefined, { signal })
    }
  }
}

/** What Slurm does to jobs, and nobody else: then the exit code is that of somebody who was killed. */
const causes: Readonly<Record<string, string>> = {
  BOOT_FAIL: 'its node could not be started',
  CANCELLED: 'it was cancelled in Slurm',
  DEADLINE: 'its deadline in Slurm passed',
  NODE_FAIL: 'a node failed',
  PREEMPTED: 'another job preempted it',
  REVOKED: 'another cluster took it over',
  TIMEOUT: 'its time limit in Slurm was exceeded',
}
const EXIT_KILLED = 137

/** How a job ended, from what its wrapper and what Slurm last said. */
export function endingOf(exitCode: number | undefined, last: SlurmJob | undefined): Ending {
  if (exitCode === 0) return { how: 'exited', exitCode, outOfMemory: false }
  if (last?.state === 'OUT_OF_MEMORY')
    return { how: 'exited', exitCode: exitCode ?? EXIT_KILLED, outOfMemory: true }
  const cause = last && causes[last.state]
  if (!cause && exitCode !== undefined) return { how: 'exited', exitCode, outOfMemory: false }
  if (!last) return { how: 'lost', why: 'Slurm does not know the job any more, and it left no exit code' }
  const place = last.nodes ? ` on ${last.nodes}` : ''
  const said = last.reason && last.reason !== 'None' ? `${last.state}, ${last.reason}` : last.state
  const why = cause ?? 'it ended without an exit code'
  return { how: 'lost', why: `Slurm's job ${last.id}${place} is lost: ${why} (${said})` }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
