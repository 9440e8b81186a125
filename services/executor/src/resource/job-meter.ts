import { setTimeout as delay } from 'node:timers/promises'
import type { Bus } from '@ymir/bus'
import { JobResourcesMeasuredSchema } from '@ymir/proto-events'
import { log } from '@ymir/service'
import type { DataSource } from 'typeorm'
import type { Driver, Gpu, Started } from '../driver/driver.ts'
import type { Job } from '../job/job.entity.ts'
import { GpuUsages } from './gpu-usage.ts'
import { coresBetween, type Resources, type Usage } from './resources.ts'

export interface MeterParts {
  readonly database: DataSource
  readonly bus: Pick<Bus, 'telemetry'>
  readonly resources: LatestResources
}

/** What the running jobs used when it was last measured, by job. */
export class LatestResources extends Map<string, Resources> {
  readonly gpus = new GpuUsages()
}

const firstMs = 250
const everyMs = 1_000

/** Tells what a job uses, once a second until the signal aborts, and notes with the job how much memory it needed. */
export async function meterJob(
  { id: jobId, projectId }: Job,
  driver: Driver,
  started: Started,
  gpus: readonly Gpu[],
  { database, bus, resources }: MeterParts,
  signal: AbortSignal,
): Promise<void> {
  let before: { usage: Usage; at: number } | undefined
  let peak = 0
  let isToldUnknown = false
  while (!signal.aborted) {
    const usage = await driver.measure(started).catch((error: unknown) => {
      if (!isToldUnknown) log.warn(`job ${jobId}: what it uses is not known: ${String(error)}`)
      isToldUnknown = true
      return undefined
    })
    isToldUnknown &&= usage === undefined
    const at = performance.now()
    if (usage) peak = Math.max(peak, usage.memoryBytes)
    if (usage && before) {
      const sample: Resources = {
        measuredAt: new Date(),
        cpuCores: coresBetween(before.usage, usage, (at - before.at) / 1000),
        memoryBytes: usage.memoryBytes,
        memoryLimitBytes: usage.memoryLimitBytes,
        processes: usage.processes,
        gpus: await resources.gpus.of(gpus.map(({ uuid }) => uuid)),
      }
      resources.set(jobId, sample)
      bus.telemetry(JobResourcesMeasuredSchema, { projectId, jobId, ...messageOf(sample) })
    }
    await delay(before || isToldUnknown ? everyMs : firstMs, undefined, { signal }).catch(() => {})
    before = usage ? { usage, at } : undefined
  }
  resources.delete(jobId)
  if (peak)
    await database
      .query('update jobs set peak_memory_bytes = greatest(peak_memory_bytes, $2) where id = $1', [
        jobId,
        peak,
      ])
      .catch((error: unknown) => log.warn(`job ${jobId}: its peak memory was not noted: ${String(error)}`))
}

function messageOf({ measuredAt, cpuCores, memoryBytes, memoryLimitBytes, processes, gpus }: Resources) {
  return {
    measuredAt: measuredAt.getTime() / 1000,
    cpuCores,
    memoryBytes: BigInt(memoryBytes),
    memoryLimitBytes: memoryLimitBytes === undefined ? undefined : BigInt(memoryLimitBytes),
    processes,
    gpus: gpus.map((gpu) => ({ ...gpu, memoryBytes: BigInt(gpu.memoryBytes) })),
  }
}
