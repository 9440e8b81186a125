import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Gpu } from '../driver/driver.ts'

/** A place for one job, or for a part of a job that uses several GPUs. */
export interface SlotPlace {
  /** `cpu:0` or `gpu:0` */
  readonly id: string
  readonly kind: 'CPU' | 'GPU'
  readonly name: string
  readonly gpu?: Gpu
}

export function cpuSlots(count: number): SlotPlace[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `cpu:${index}`,
    kind: 'CPU' as const,
    name: `CPU slot ${index}`,
  }))
}

export function gpuSlots(gpus: readonly Gpu[]): SlotPlace[] {
  return gpus.map((gpu) => ({ id: `gpu:${gpu.index}`, kind: 'GPU' as const, name: gpu.name, gpu }))
}

/** The machine's GPUs as nvidia-smi tells; none where it is not installed or finds none. */
export async function findGpus(): Promise<Gpu[]> {
  const query = ['--query-gpu=index,uuid,name,memory.total', '--format=csv,noheader,nounits']
  try {
    const { stdout } = await promisify(execFile)('nvidia-smi', query, { timeout: 20_000 })
    return parseGpus(stdout)
  } catch {
    return []
  }
}

/** Reads nvidia-smi's `index, uuid, name, memory.total` as CSV without header and units. */
export function parseGpus(csv: string): Gpu[] {
  return csv.split('\n').flatMap((line) => {
    const [index, uuid, name, memory] = line.split(',').map((field) => field.trim())
    if (!uuid || !name || !Number.isInteger(Number(index))) return []
    return [{ index: Number(index), uuid, name, memoryMegabytes: Number(memory) || 0 }]
  })
}
