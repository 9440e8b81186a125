import { chmod, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

/** A program nvidia-smi that prints what one printed elsewhere: for machines without a GPU. */
export interface RecordedNvidiaSmi {
  /** A PATH on which it is found first. */
  readonly path: string
  /**
   * Changes what it prints, all of it at once.
   * @param gpus rows of `index, uuid, name, memory.total, memory.used, utilization.gpu`
   * @param processes rows of `gpu_uuid, pid, used_memory`
   * @param error what it says and fails with
   */
  prints(gpus: string, processes?: string, error?: string): Promise<void>
  remove(): Promise<void>
}

export async function recordedNvidiaSmi(): Promise<RecordedNvidiaSmi> {
  const folder = await mkdtemp(join(tmpdir(), 'ymir-nvidia-smi-'))
  const script = `#!/bin/sh
cd "${folder}/now/" || exit 1
case "$1" in
  --query-gpu=*) cat gpus ;;
  --query-compute-apps=*) cat processes ;;
esac
[ ! -s error ] || { cat error; exit 9; }
`
  await writeFile(join(folder, 'nvidia-smi'), script)
  await chmod(join(folder, 'nvidia-smi'), 0o755)
  return {
    path: `${folder}${delimiter}${process.env.PATH}`,
    prints: async (gpus, processes = '', error = '') => {
      const transcript = await mkdtemp(join(folder, 'transcript-'))
      for (const [name, text] of Object.entries({ gpus, processes, error }))
        await writeFile(join(transcript, name), text)
      await symlink(transcript, `${transcript}.link`)
      await rename(`${transcript}.link`, join(folder, 'now'))
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}
