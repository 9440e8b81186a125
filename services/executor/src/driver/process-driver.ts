import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { waitUntil } from '@ymir/service'
import { JobProblem } from '../job/failure.ts'
import {
  followRawOutput,
  makeRawOutput,
  rawOutputFiles,
  removeRawOutput,
  takeRawOutput,
} from '../log/raw-output.ts'
import { ProcessTable } from '../resource/process-usage.ts'
import type { Usage } from '../resource/resources.ts'
import type { Driver, Ending, Launch, Remains, Started } from './driver.ts'
import { readImageFolder } from './image-folder.ts'
import { groupOf, isRunning, signalGroup } from './process-group.ts'

const pollMs = 100

/**
 * Between the service and the image, so that the end is known also to a service that started later. It notes its pid,
 * runs the image's start.sh, notes the exit code and ends whatever the image left behind (its whole process group).
 * The check of the attempt closes a gap: a service that was killed right after the spawn prepares the job again under
 * a new attempt, and an old wrapper that comes late then steps back. What the image prints goes to files that this
 * service reads, now or after a restart. Signals go to the whole group; the trap lets the
 * wrapper outlive them, `:` instead of '' because ignored signals would be inherited.
 */
const wrapper = `
trap : TERM INT HUP
wanted() { [ "$(cat "$1/attempt")" = "$2" ]; }
wanted "$1" "$2" || exit 1
echo $$ > "$1/pid.new" && mv "$1/pid.new" "$1/pid"
wanted "$1" "$2" || exit 1
exec >> "$1/${rawOutputFiles.STDOUT}" 2>> "$1/${rawOutputFiles.STDERR}"
bash "$3"
code=$?
echo $code > "$1/exit.new" && mv "$1/exit.new" "$1/exit"
kill -KILL 0
`
const wrapperName = 'ymir-job'

/**
 * Runs an image's folder as a process of this machine, in a process group of its own that outlives the service. The
 * image finds its folders in YMIR_IN and YMIR_OUT: one that insists on /in and /out needs the docker driver, and so does
 * one that is not trusted, for a process sees the whole machine with the rights of the service.
 */
export class ProcessDriver implements Driver {
  readonly name = 'process'
  private readonly processes = new ProcessTable()

  async inspect(reference: string) {
    await requireStartScript(reference)
    return { files: await readImageFolder(join(reference, 'img-man')), digest: null }
  }

  async prepare({ image }: Launch): Promise<void> {
    await requireStartScript(image.reference)
  }

  async start(launch: Launch): Promise<void> {
    const { folders, image } = launch
    const attempt = randomUUID()
    await writeFile(join(folders.root, 'attempt'), attempt)
    await makeRawOutput(folders.root)
    const script = join(image.reference, 'start.sh')
    const child = spawn('sh', ['-c', wrapper, wrapperName, folders.root, attempt, script], {
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

  async watch(job: Started, signal: AbortSignal): Promise<Ending> {
    const following = new AbortController()
    const followed = followRawOutput(job.folders.root, job.log, AbortSignal.any([signal, following.signal]))
    try {
      const ending = await this.endOf(job, signal)
      following.abort()
      await followed
      await completeLog(job)
      return ending
    } finally {
      following.abort()
      await followed
    }
  }

  async measure(job: Started): Promise<Usage | undefined> {
    const pid = await pidOf(job)
    return pid === undefined ? undefined : this.processes.usageOf(pid)
  }

  async stop(job: Started, patienceMs: number): Promise<void> {
    // whoever has not noted its pid yet finds that its attempt is not wanted any more
    await writeFile(join(job.folders.root, 'attempt'), 'stopped').catch(ignoreMissing)
    const pid = await pidOf(job)
    if (pid === undefined || !(await isWrapper(pid, job))) return
    signalGroup(pid, 'SIGTERM')
    const deadline = Date.now() + patienceMs
    while (Date.now() < deadline) {
      if (!(await isWrapper(pid, job))) return completeLog(job)
      await delay(25)
    }
    if (await isWrapper(pid, job)) signalGroup(pid, 'SIGKILL')
    while (await isWrapper(pid, job)) await delay(25)
    await completeLog(job)
  }

  /** Everything else is on this machine already. */
  async collect({ folders }: Started): Promise<void> {
    await removeRawOutput(folders.root)
  }

  private async endOf(job: Started, signal: AbortSignal): Promise<Ending> {
    for (;;) {
      signal.throwIfAborted()
      const exitCode = await exitCodeOf(job)
      if (exitCode !== undefined) return { how: 'exited', exitCode, outOfMemory: false }
      if ((await this.adopt(job)) !== 'running') {
        const last = await exitCodeOf(job) // it may have ended between the two looks
        if (last !== undefined) return { how: 'exited', exitCode: last, outOfMemory: false }
        return {
          how: 'lost',
          why: 'the process is gone without an exit code: it was killed, or the machine restarted',
        }
      }
      await delay(pollMs, undefined, { signal })
    }
  }
}

async function completeLog({ folders, log }: Started): Promise<void> {
  await takeRawOutput(folders.root, log)
  await log.end()
}

/** Nothing of the service's own environment but what a program needs to run: no secrets, no addresses. */
function environmentOf({ folders, gpus, jobId }: Launch): NodeJS.ProcessEnv {
  const {
    PATH = '/usr/local/bin:/usr/bin:/bin',
    HOME,
    LANG,
    LD_LIBRARY_PATH,
    OMP_NUM_THREADS,
    TMPDIR,
  } = process.env
  return {
    PATH: `${dirname(process.execPath)}:${PATH}`,
    HOME: HOME ?? folders.output,
    LANG: LANG ?? 'C.UTF-8',
    LD_LIBRARY_PATH,
    OMP_NUM_THREADS,
    TMPDIR,
    YMIR_IN: folders.input,
    YMIR_OUT: folders.output,
    YMIR_JOB: jobId,
    // what is visible counts from 0, as gpu_id in config.yaml does; empty: none
    CUDA_VISIBLE_DEVICES: gpus.map(({ uuid }) => uuid).join(','),
  }
}

async function requireStartScript(folder: string): Promise<void> {
  const script = join(folder, 'start.sh')
  const found = await stat(script).catch(() => undefined)
  if (!found?.isFile()) throw new JobProblem('IMAGE_MISSING', `the image's folder has no start.sh: ${script}`)
}

async function pidOf({ folders }: Started): Promise<number | undefined> {
  const pid = Number(await readFile(join(folders.root, 'pid'), 'utf8').catch(ignoreMissing))
  return pid > 0 ? pid : undefined
}

async function exitCodeOf({ folders }: Started): Promise<number | undefined> {
  const text = await readFile(join(folders.root, 'exit'), 'utf8').catch(ignoreMissing)
  return text === undefined ? undefined : Number(text)
}

/** A pid alone may have been given to another program since: the wrapper is known by its arguments. */
async function isWrapper(pid: number, { folders, jobId }: Started): Promise<boolean> {
  if (basename(folders.root) !== jobId) throw new Error(`${folders.root} is not the folder of job ${jobId}`)
  return isRunning(pid, [wrapperName, folders.root]) && groupOf(pid) === pid
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}
