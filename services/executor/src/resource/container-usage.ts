import { existsSync, readFileSync } from 'node:fs'
import type Docker from 'dockerode'
import type { Usage } from './resources.ts'

/** Files of a container's control group. */
interface ControlGroup {
  readonly cpuSeconds: () => number
  readonly memory: string
  readonly memoryStatistics: string
  readonly memoryLimit: string
  readonly processes: string
}

/**
 * What containers use: from their control groups where this machine has them, else from the engine, for which a look
 * costs several milliseconds.
 */
export class ContainerUsage {
  private readonly groups = new Map<string, ControlGroup | 'unseen'>()

  /** @returns undefined when the container does not run */
  async of(name: string, engine: Docker): Promise<Usage | undefined> {
    const container = engine.getContainer(name)
    const group = this.groups.get(name) ?? (await findGroup(container))
    if (!group) return undefined
    this.groups.set(name, group)
    return group === 'unseen' ? askEngine(container) : readGroup(group)
  }

  forget(name: string): void {
    this.groups.delete(name)
  }
}

async function findGroup(container: Docker.Container): Promise<ControlGroup | 'unseen' | undefined> {
  const { Id, State } = await container.inspect()
  if (!State.Running || !State.Pid) return undefined
  const text = read(`/proc/${State.Pid}/cgroup`)
  // the engine may be on another machine, or see other process ids: the group of our container has its id in its name
  return text?.includes(Id) ? controlGroup(text) : 'unseen'
}

const root = '/sys/fs/cgroup'

/** Where the files of a control group are, by a process's /proc/<pid>/cgroup (cgroups(7)): version 2 alone, or version 1. */
function controlGroup(text: string): ControlGroup | 'unseen' {
  const lines = text
    .trim()
    .split('\n')
    .map((line) => line.split(':'))
  const pathOf = (controller: string) =>
    lines.find(([, names]) => names?.split(',').includes(controller))?.[2]
  const group = existsSync(`${root}/cgroup.controllers`)
    ? versionTwo(`${root}${pathOf('') ?? ''}`)
    : versionOne((controller) => `${root}/${controller}${pathOf(controller) ?? ''}`)
  return existsSync(group.memory) ? group : 'unseen'
}

function versionTwo(folder: string): ControlGroup {
  return {
    cpuSeconds: () => statistic(`${folder}/cpu.stat`, 'usage_usec') / 1e6,
    memory: `${folder}/memory.current`,
    memoryStatistics: `${folder}/memory.stat`,
    memoryLimit: `${folder}/memory.max`,
    processes: `${folder}/pids.current`,
  }
}

function versionOne(folder: (controller: string) => string): ControlGroup {
  return {
    cpuSeconds: () => number(`${folder('cpuacct')}/cpuacct.usage`) / 1e9,
    memory: `${folder('memory')}/memory.usage_in_bytes`,
    memoryStatistics: `${folder('memory')}/memory.stat`,
    memoryLimit: `${folder('memory')}/memory.limit_in_bytes`,
    processes: `${folder('pids')}/pids.current`,
  }
}

/** A version 1 group without a limit has one of nearly 2^63. */
const noLimit = 2 ** 60

function readGroup(group: ControlGroup): Usage | undefined {
  const memory = number(group.memory)
  if (Number.isNaN(memory)) return undefined // the container has ended
  const limit = number(group.memoryLimit)
  return {
    cpuSeconds: group.cpuSeconds(),
    memoryBytes: withoutCache(memory, statistic(group.memoryStatistics, 'inactive_file')),
    memoryLimitBytes: limit < noLimit ? limit : undefined,
    processes: number(group.processes) || 0,
  }
}

/** What the engine tells of a container, for which it takes several milliseconds. */
export async function askEngine(container: Docker.Container): Promise<Usage | undefined> {
  // one-shot: without it Docker takes two looks a second apart; dockerode's types do not have it
  const once = { stream: false, 'one-shot': true } as { stream: false }
  const { cpu_stats, memory_stats, pids_stats } = await container.stats(once)
  if (!cpu_stats?.cpu_usage || memory_stats?.usage === undefined) return undefined
  const { total_inactive_file, inactive_file } = memory_stats.stats ?? {}
  return {
    cpuSeconds: cpu_stats.cpu_usage.total_usage / 1e9,
    memoryBytes: withoutCache(memory_stats.usage, total_inactive_file ?? inactive_file ?? 0),
    memoryLimitBytes: memory_stats.limit < noLimit ? memory_stats.limit : undefined,
    processes: pids_stats?.current ?? 0,
  }
}

/** Files that were read once and can be dropped at any time do not count, as `docker stats` has it. */
function withoutCache(memory: number, inactiveFiles: number): number {
  return Math.max(0, memory - (inactiveFiles || 0))
}

function statistic(path: string, name: string): number {
  const line = read(path)
    ?.split('\n')
    .find((one) => one.startsWith(`${name} `))
  return Number(line?.slice(name.length + 1))
}

function number(path: string): number {
  return Number(read(path) ?? NaN)
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
