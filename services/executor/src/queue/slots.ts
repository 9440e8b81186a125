import type { Gpu } from '../driver/driver.ts'
import { isUsedByOthers, type GpuLook, type GpuReading } from './gpus.ts'

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

/** A slot as it is now. */
export interface SlotState extends SlotPlace {
  /** The job that holds it. */
  readonly jobId?: string
  /** How its GPU is; undefined when the GPU does not answer, and for a CPU slot. */
  readonly reading?: GpuReading
  /** No job holds its GPU and yet somebody computes on it. */
  readonly inUseByOthers: boolean
}

/** @param holders the jobs that hold slots, by slot */
export function slotStates(
  slots: readonly SlotPlace[],
  holders: ReadonlyMap<string, string>,
  look: GpuLook,
): SlotState[] {
  return slots.map((slot) => {
    const jobId = holders.get(slot.id)
    const reading = look.gpus.find(({ uuid }) => uuid === slot.gpu?.uuid)
    const inUseByOthers = Boolean(!jobId && reading && isUsedByOthers(reading, look))
    return { ...slot, jobId, reading, inUseByOthers }
  })
}

/** May be given to a job: nobody holds it, and its GPU answers and has nobody else on it. */
export function isFree({ kind, jobId, reading, inUseByOthers }: SlotState): boolean {
  return !jobId && (kind === 'CPU' || (reading !== undefined && !inUseByOthers))
}

/** The slots that jobs have or may have: those that are free or held. */
export function isOfUse(slot: SlotState): boolean {
  return slot.jobId !== undefined || isFree(slot)
}
