import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import type { Usage } from './resources.ts'

/** Linux tells all programs a hundred a second, whatever the kernel counts in (proc(5), USER_HZ). */
const TICKS_PER_SECOND = 100
/** One look at /proc is for all jobs that ask within this time. */
const freshMs = 500

/** What the machine's process groups use, from /proc; nothing where there is none. */
export class ProcessTable {
  private groups: ReadonlyMap<number, Usage> = new Map()
  private readAt = -Infinity
  private page: Promise<number> | undefined

  /** @returns undefined when the group has no process. Memory that processes share counts for each of them. */
  async usageOf(group: number): Promise<Usage | undefined> {
    const pageBytes = await (this.page ??= pageSize())
    if (performance.now() - this.readAt > freshMs) {
      this.groups = readGroups(pageBytes)
      this.readAt = performance.now()
    }
    return this.groups.get(group)
  }
}

function readGroups(pageBytes: number): Map<number, Usage> {
  const groups = new Map<number, Usage>()
  for (const name of processIds()) {
    const found = parseStat(readStat(name), pageBytes)
    if (!found) continue
    const { group, cpuSeconds, memoryBytes } = found
    const sum = groups.get(group)
    groups.set(group, {
      cpuSeconds: (sum?.cpuSeconds ?? 0) + cpuSeconds,
      memoryBytes: (sum?.memoryBytes ?? 0) + memoryBytes,
      processes: (sum?.processes ?? 0) + 1,
    })
  }
  return groups
}

/**
 * Reads /proc/<pid>/stat (proc(5)): process group, time of the process and of children that it waited for, resident
 * memory. The second field is the program's name in parentheses and may have spaces in it.
 */
export function parseStat(
  text: string,
  pageBytes: number,
): { group: number; cpuSeconds: number; memoryBytes: number } | undefined {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const field = (number: number) => Number(fields[number - 3])
  const group = field(5)
  if (!(group > 0)) return undefined
  const ticks = field(14) + field(15) + field(16) + field(17)
  return { group, cpuSeconds: ticks / TICKS_PER_SECOND, memoryBytes: field(24) * pageBytes }
}

// synchronous: what lies in /proc is in memory, and a promise costs more than the read
function processIds(): string[] {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  } catch {
    return []
  }
}

function readStat(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch {
    return '' // it ended meanwhile
  }
}

async function pageSize(): Promise<number> {
  const usual = 4096
  const asked = await promisify(execFile)('getconf', ['PAGESIZE']).catch(() => undefined)
  return Number(asked?.stdout) || usual
}
