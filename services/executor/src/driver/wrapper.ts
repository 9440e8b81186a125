import { randomUUID } from 'node:crypto'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { JobFolders } from '../contract/layout.ts'
import { rawOutputFiles } from '../log/raw-output.ts'
import type { Launch, Started } from './driver.ts'

/**
 * Between whoever runs a process and the image, so that the end is known also to a service that started later. It notes
 * its pid, runs the image's start.sh, notes the exit code and ends whatever the image left behind (its whole process
 * group, which must be its own).
 * The check of the attempt closes a gap: a service that was killed right after it had the wrapper started prepares the
 * job again under a new attempt, and an old wrapper that comes late then steps back. What the image prints goes to files
 * that the service reads, now or after a restart. Signals go to the whole group; the
 * trap lets the wrapper outlive them, `:` instead of '' because ignored signals would be inherited.
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
export const wrapperName = 'ymir-job'

/** The program and its arguments that run the folder of an image, as this attempt. */
export function wrapperCommand({ folders, image }: Launch, attempt: string): [string, ...string[]] {
  return ['sh', '-c', wrapper, wrapperName, folders.root, attempt, join(image.reference, 'start.sh')]
}

/** Makes this attempt the only one whose wrapper runs the image. */
export async function newAttempt({ root }: JobFolders): Promise<string> {
  const attempt = randomUUID()
  await writeFile(join(root, 'attempt'), attempt)
  return attempt
}

/** A wrapper that has not begun yet will find that its attempt is not wanted any more. */
export async function revokeAttempt({ root }: JobFolders): Promise<void> {
  await writeFile(join(root, 'attempt'), 'stopped').catch(ignoreMissing)
}

/** The attempt that is wanted; undefined when there has been none. */
export async function attemptOf({ folders }: Started): Promise<string | undefined> {
  return readFile(join(folders.root, 'attempt'), 'utf8').catch(ignoreMissing)
}

/** The wrapper's process on the machine that runs it; undefined while it has not begun. */
export async function pidOf({ folders }: Started): Promise<number | undefined> {
  const pid = Number(await readFile(join(folders.root, 'pid'), 'utf8').catch(ignoreMissing))
  return pid > 0 ? pid : undefined
}

/** When the wrapper began; undefined while it has not. */
export async function beginningOf({ folders }: Started): Promise<Date | undefined> {
  return (await stat(join(folders.root, 'pid')).catch(ignoreMissing))?.mtime
}

/** The exit code of the image; undefined while it has not ended, or when the wrapper was killed too. */
export async function exitCodeOf({ folders }: Started): Promise<number | undefined> {
  const text = await readFile(join(folders.root, 'exit'), 'utf8').catch(ignoreMissing)
  return text === undefined ? undefined : Number(text)
}

/** Nothing of the service's own environment but what a program needs to run: no secrets, no addresses. */
export function environmentOf({ folders, gpus, jobId }: Launch): NodeJS.ProcessEnv {
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

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}
