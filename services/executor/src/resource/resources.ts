/** What a job uses, as a driver can tell it. */
export interface Usage {
  /** Processor time so far, of all its processes together. */
  readonly cpuSeconds: number
  readonly memoryBytes: number
  /** What it may use; undefined: as much as the machine has. */
  readonly memoryLimitBytes?: number
  readonly processes: number
}

export interface GpuUsage {
  readonly uuid: string
  /** Per cent of the time in which something ran on it; undefined where the GPU does not tell. */
  readonly utilisation?: number
  /** In use on the GPU, by whomever. */
  readonly memoryBytes: number
}

/** What a job used at a moment. */
export interface Resources extends Omit<Usage, 'cpuSeconds'> {
  readonly measuredAt: Date
  /** Cores at work, e.g. 1.7, since the sample before. */
  readonly cpuCores: number
  readonly gpus: readonly GpuUsage[]
}

/** Cores at work between two looks; processes that ended may have taken their time with them. */
export function coresBetween(before: Usage, after: Usage, seconds: number): number {
  return seconds > 0 ? Math.max(0, (after.cpuSeconds - before.cpuSeconds) / seconds) : 0
}
