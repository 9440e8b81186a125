import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { readIfThere, writeWhole } from '../home.ts'

/**
 * - `starting`: the process is there and does not answer yet
 * - `ready`: it answers
 * - `silent`: it answered before and does not now
 * - `restarting`: it ended by itself and will be started again
 */
const ProcessState = z.enum(['starting', 'ready', 'silent', 'restarting', 'stopped'])
export type ProcessState = z.infer<typeof ProcessState>

const RunningProcess = z.object({
  name: z.string(),
  state: ProcessState,
  pid: z.number().optional(),
  port: z.number(),
  /** Milliseconds since 1970. */
  startedAt: z.number(),
  restarts: z.number(),
  /** What its command line must contain to be this process and no other that was given its number since. */
  marks: z.array(z.string()),
})
export type RunningProcess = z.infer<typeof RunningProcess>

const RunFile = z.object({
  supervisor: z.object({ pid: z.number(), startedAt: z.number() }),
  gatewayUrl: z.string(),
  /** In the order in which they are stopped. */
  processes: z.array(RunningProcess),
  /** Things a person should know, e.g. that the usual port was taken. */
  notes: z.array(z.string()),
})
/** YMIR_HOME/run.json: what runs now, or ran when the supervisor was killed. */
export type RunFile = z.infer<typeof RunFile>

const pathOf = (home: string) => join(home, 'run.json')

export function readRunFile(home: string): RunFile | undefined {
  const text = readIfThere(pathOf(home))
  return text === undefined ? undefined : RunFile.parse(JSON.parse(text))
}

export function writeRunFile(home: string, run: RunFile): void {
  writeWhole(pathOf(home), JSON.stringify(run, null, 2) + '\n')
}

export function removeRunFile(home: string): void {
  rmSync(pathOf(home), { force: true })
}
