import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { homeFolder } from '../home.ts'
import { isOurs } from '../processes.ts'
import { answersHealth } from '../supervisor/child.ts'
import { supervisorOf } from '../supervisor/claim.ts'
import { readRunFile, type RunningProcess } from '../supervisor/run-file.ts'
import { readableBytes, readableDuration, table } from './terminal.ts'

/** What runs: state, pid, port, for how long, and how much memory it holds. @returns 0 when all is well, else 1 */
export async function status(): Promise<number> {
  const home = homeFolder()
  const run = readRunFile(home)
  if (!run) {
    console.log(`YMIR is not running (${home}). Start it with: bash ymir.sh start`)
    return 1
  }
  const supervisor = supervisorOf(home)
  const rows = await Promise.all(run.processes.map(describe))
  console.log(table(['process', 'state', 'pid', 'port', 'up', 'memory', 'restarts'], rows))
  if (supervisor === undefined) {
    console.log(
      '\nThe supervisor is gone (killed?): `bash ymir.sh start` recovers, `bash ymir.sh stop` ends what is left.',
    )
    return 1
  }
  console.log(
    `\nSupervisor: pid ${supervisor}, up ${readableDuration(Date.now() - run.supervisor.startedAt)}`,
  )
  console.log(`GraphQL:    ${run.gatewayUrl}/graphql`)
  for (const note of run.notes) console.log(`Note:       ${note}`)
  return rows.every(([, state]) => state === 'ready') ? 0 : 1
}

async function describe(one: RunningProcess): Promise<string[]> {
  const { name, pid, port, startedAt, restarts, marks } = one
  if (pid === undefined || !isOurs(pid, ...marks))
    return [name, 'gone', '', String(port), '', '', String(restarts)]
  const hasHealth = name !== 'postgres' && name !== 'nats'
  // Asked now: what the supervisor wrote down may be two seconds old.
  const state = hasHealth && one.state === 'ready' && !(await answersHealth(port)) ? 'silent' : one.state
  const up = readableDuration(Date.now() - startedAt)
  return [name, state, String(pid), String(port), up, memoryOf(pid), String(restarts)]
}

/** Resident memory; for PostgreSQL of its first process only. */
function memoryOf(pid: number): string {
  try {
    if (process.platform !== 'linux') {
      const kilobytes = execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })
      return readableBytes(Number(kilobytes) * 1024)
    }
    const resident = readFileSync(`/proc/${pid}/status`, 'utf8').match(/^VmRSS:\s+(\d+) kB$/m)?.[1]
    return resident ? readableBytes(Number(resident) * 1024) : ''
  } catch {
    return '' // it ended between two looks
  }
}
