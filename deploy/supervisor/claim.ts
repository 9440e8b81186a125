import { linkSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { readIfThere } from '../home.ts'
import { commandLineOf } from '../processes.ts'
import { UsageError } from '../usage-error.ts'

const Claim = z.object({ pid: z.number(), commandLine: z.string() })

const pathOf = (home: string) => join(home, 'supervisor.lock')

/** The pid of the supervisor that runs on this home now; a killed one's claim does not count. */
export function supervisorOf(home: string): number | undefined {
  const text = readIfThere(pathOf(home))
  if (!text) return undefined
  const { pid, commandLine } = Claim.parse(JSON.parse(text))
  return commandLineOf(pid) === commandLine ? pid : undefined
}

/**
 * One supervisor for each home.
 * @throws UsageError when another one runs on it
 */
export function claimHome(home: string): void {
  const draft = `${pathOf(home)}.${process.pid}`
  const claim = { pid: process.pid, commandLine: commandLineOf(process.pid) ?? '' }
  writeFileSync(draft, JSON.stringify(claim) + '\n', { mode: 0o600 })
  try {
    if (readIfThere(pathOf(home)) !== undefined && supervisorOf(home) === undefined) releaseHome(home)
    linkSync(draft, pathOf(home)) // fails when it exists: of two that claim at once, one gets it
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error // fs throws nothing but errno errors
    throw new UsageError(`the platform of ${home} is running already (pid ${supervisorOf(home)})`)
  } finally {
    rmSync(draft, { force: true })
  }
}

export function releaseHome(home: string): void {
  rmSync(pathOf(home), { force: true })
}
