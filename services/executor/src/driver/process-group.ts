import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/**
 * Whether a process runs and has all of these among its arguments. A zombie, dead but not yet collected by its parent,
 * has no arguments: it does not run.
 */
export function isRunning(pid: number, someArguments: readonly string[]): boolean {
  const found = argumentsOf(pid)
  return someArguments.every((argument) => found.includes(argument))
}

/** The process group of a process; undefined when it is gone. */
export function groupOf(pid: number): number | undefined {
  if (process.platform !== 'linux') return Number(ps(pid, 'pgid=')) || undefined
  // the second field is the program's name in parentheses and may have spaces in it
  const text = readProc(pid, 'stat')
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ')
  return Number(fields?.[2]) || undefined
}

/** Whether a process was started with this setting, `NAME=value`; on Linux. */
export function environmentHas(pid: number, setting: string): boolean {
  return readProc(pid, 'environ')?.split('\0').includes(setting) ?? false
}

export function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error // process.kill throws nothing but errno errors
  }
}

function argumentsOf(pid: number): readonly string[] {
  if (process.platform === 'linux') return readProc(pid, 'cmdline')?.split('\0') ?? []
  return ps(pid, 'command=').split(/\s+/)
}

function readProc(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return undefined
  }
}

function ps(pid: number, column: string): string {
  try {
    return execFileSync('ps', ['-o', column, '-p', String(pid)], { encoding: 'utf8', stdio: 'pipe' }).trim()
  } catch {
    return ''
  }
}
