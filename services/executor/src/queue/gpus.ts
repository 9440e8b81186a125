import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { log } from '@ymir/service'
import type { Gpu } from '../driver/driver.ts'

/** A GPU as nvidia-smi sees it; what it does not tell ("[N/A]", "[Not Supported]") is undefined. */
export interface GpuReading extends Gpu {
  readonly memoryUsedMegabytes?: number
  /** Part of the last second or so in which it computed, 0..1. */
  readonly utilisation?: number
}

/** A program that computes on a GPU. */
export interface GpuProcess {
  readonly gpuUuid: string
  /** As the machine counts, not as a container does; undefined where it may not be told. */
  readonly pid?: number
}

/** What one look at the GPUs found. */
export interface GpuLook {
  readonly gpus: readonly GpuReading[]
  readonly processes: readonly GpuProcess[]
  /** What nvidia-smi said instead of telling all of that. */
  readonly problem?: string
}

/** Runs nvidia-smi with these arguments. @throws with what it printed in `stdout` when it ends with another code than 0 */
export type NvidiaSmi = (given: readonly string[]) => Promise<string>

/** Without persistence mode it wakes up each GPU, which takes seconds. */
const timeoutMs = 20_000
const format = '--format=csv,noheader,nounits'
const gpuQuery = ['--query-gpu=index,uuid,name,memory.total,memory.used,utilization.gpu', format]
const processQuery = ['--query-compute-apps=gpu_uuid,pid,used_memory', format]

/** @param environment its PATH is where nvidia-smi is looked for */
export function nvidiaSmi(environment: NodeJS.ProcessEnv = process.env): NvidiaSmi {
  const options = { timeout: timeoutMs, env: { ...environment, LC_ALL: 'C' } }
  return async (given) => (await promisify(execFile)('nvidia-smi', [...given], options)).stdout
}

/** A look may be this old when a GPU is given out. */
const freshMs = 2_000

/** Looks at the machine's GPUs: which there are, how they are, who computes on them. */
export class GpuWatch {
  /** What was found last. */
  latest: GpuLook = { gpus: [], processes: [] }
  private lookedAt = -Infinity
  private looking: Promise<GpuLook> | undefined

  constructor(private readonly smi: NvidiaSmi = nvidiaSmi()) {}

  /** At most two seconds old, and younger than the last `outdate`. */
  async look(): Promise<GpuLook> {
    if (Date.now() - this.lookedAt < freshMs) return this.latest
    this.looking ??= this.lookNow().finally(() => (this.looking = undefined))
    return this.looking
  }

  /** A job has left its GPUs: what was seen before says nothing about them. */
  outdate(): void {
    this.lookedAt = -Infinity
    this.looking = undefined
  }

  private async lookNow(): Promise<GpuLook> {
    const startedAt = Date.now()
    const [gpus, processes] = await Promise.all([this.ask(gpuQuery), this.ask(processQuery)])
    const problem = gpus.problem ?? processes.problem
    if (problem !== undefined && problem !== this.latest.problem) log.warn(`nvidia-smi: ${problem}`)
    this.lookedAt = startedAt
    // a GPU of which nobody says who is on it must not look idle
    const known = processes.problem === undefined ? parseGpus(gpus.printed) : []
    this.latest = { gpus: known, processes: parseProcesses(processes.printed), problem }
    return this.latest
  }

  private async ask(given: readonly string[]): Promise<{ printed: string; problem?: string }> {
    try {
      return { printed: await this.smi(given) }
    } catch (error) {
      // execFile's error has what was printed: the GPUs before the one that is lost
      const { stdout = '', stderr = '', code, message } = error as Partial<Record<string, string>>
      if (code === 'ENOENT') return { printed: '', problem: notInstalled }
      // in its words, which may stand behind the rows of the GPUs that still answer
      const said = `${stdout}\n${stderr}`.split('\n').find((line) => line && !/^(\d+, )?GPU-/.test(line))
      return { printed: stdout, problem: said ?? message }
    }
  }
}

const notInstalled = 'it is not installed'

/** The machine's GPUs; none where nvidia-smi is not installed or finds none. */
export async function findGpus(watch: GpuWatch): Promise<readonly Gpu[]> {
  return (await watch.look()).gpus
}

/** Reads nvidia-smi's `index, uuid, name, memory.total, memory.used, utilization.gpu`: CSV without header and units. */
export function parseGpus(csv: string): GpuReading[] {
  return rowsOf(csv).flatMap(([index, uuid, name, memory, used, utilisation]) => {
    if (!uuid || !name || wholeNumber(index) === undefined) return []
    const percent = wholeNumber(utilisation)
    return [
      {
        index: Number(index),
        uuid,
        name,
        memoryMegabytes: wholeNumber(memory) ?? 0,
        memoryUsedMegabytes: wholeNumber(used),
        utilisation: percent === undefined ? undefined : percent / 100,
      },
    ]
  })
}

/** Reads nvidia-smi's `gpu_uuid, pid, used_memory`: CSV without header and units. */
export function parseProcesses(csv: string): GpuProcess[] {
  return rowsOf(csv).flatMap(([gpuUuid = '', pid]) =>
    gpuUuid.startsWith('GPU-') ? [{ gpuUuid, pid: wholeNumber(pid) }] : [],
  )
}

function rowsOf(csv: string): string[][] {
  return csv.split('\n').map((line) => line.split(',').map((field) => field.trim()))
}

/** undefined for "[N/A]", "[Not Supported]", "[Unknown Error]", "[GPU is lost]" */
function wholeNumber(field = ''): number | undefined {
  return /^\d+$/.test(field) ? Number(field) : undefined
}

/**
 * Memory that a GPU may have in use while nobody computes on it: a desktop, the driver's own. More means that somebody
 * does whom nvidia-smi does not list, as it does not where the one or the other runs in a container.
 */
const idleMegabytes = 2_000

/** Whether somebody computes on a GPU that no job holds. */
export function isUsedByOthers(
  { uuid, memoryUsedMegabytes = 0 }: GpuReading,
  { processes }: Pick<GpuLook, 'processes'>,
): boolean {
  return processes.some(({ gpuUuid }) => gpuUuid === uuid) || memoryUsedMegabytes > idleMegabytes
}
