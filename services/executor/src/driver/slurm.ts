import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { JobProblem } from '../job/failure.ts'

/** A job as Slurm tells of it. */
export interface SlurmJob {
  readonly id: string
  /** `squeue`'s long state, e.g. PENDING, RUNNING, COMPLETING, COMPLETED, NODE_FAIL. */
  readonly state: string
  readonly name: string
  readonly comment: string
  /** Where it runs or ran; empty while it waits. */
  readonly nodes: string
  /** Why it waits, or why it ended; `None` where there is nothing to say. */
  readonly reason: string
}

/** A command of Slurm failed; the message is what it said. */
export class SlurmRefused extends Error {
  override readonly name = 'SlurmRefused'
}

/** States that nothing follows; in all others something of a job waits, runs or is being cleaned up. */
const finalStates = [
  'BOOT_FAIL',
  'CANCELLED',
  'COMPLETED',
  'DEADLINE',
  'FAILED',
  'NODE_FAIL',
  'OUT_OF_MEMORY',
  'PREEMPTED',
  'REVOKED',
  'TIMEOUT',
]

export function isOver({ state }: SlurmJob): boolean {
  return finalStates.includes(state)
}

/** sbatch itself tries for a while to reach a controller that is away. */
const patienceMs = 60_000
const largestAnswerBytes = 64 * 2 ** 20
const fields = '%A|%T|%j|%k|%N|%r'

/** Slurm by its commands, as this user: they are its stable interface, and know how to find and convince the cluster. */
export class Slurm {
  private readonly environment: NodeJS.ProcessEnv
  private looking: Promise<readonly SlurmJob[]> | undefined
  private latest: { readonly at: number; readonly jobs: readonly SlurmJob[] } | undefined

  /** @param environment SLURM_CONF where the configuration is at an unusual place; sbatch's own SBATCH_ACCOUNT and the like */
  constructor(environment: NodeJS.ProcessEnv) {
    const wanted = Object.entries(environment).filter(
      ([name]) => name === 'SLURM_CONF' || name.startsWith('SBATCH_'),
    )
    this.environment = Object.fromEntries(wanted)
  }

  /** @throws JobProblem MACHINE_LOST where Slurm's commands are not installed */
  async requireInstalled(): Promise<void> {
    await this.run('sbatch', ['--version'])
  }

  /**
   * @param command a script and its arguments
   * @param environment of the job
   * @throws SlurmRefused
   */
  async submit(
    options: readonly string[],
    command: readonly string[],
    environment: NodeJS.ProcessEnv,
  ): Promise<void> {
    // what sbatch itself runs with becomes the environment of the job
    await this.run('sbatch', [...options, '--export=ALL', ...command], environment)
  }

  /** Ends jobs of this name, or signals their script; nothing happens when there is none. @throws SlurmRefused */
  async cancel(name: string, ...options: readonly string[]): Promise<void> {
    await this.run('scancel', [ours(), `--name=${name}`, ...options])
  }

  /**
   * All jobs of this user that Slurm has not forgotten yet.
   * @param maximumAgeMs 0: looks after this call; more: what somebody else saw this little ago will do, so that many who
   *   ask often cost Slurm one answer
   * @throws SlurmRefused
   */
  async jobs(maximumAgeMs = 0): Promise<readonly SlurmJob[]> {
    if (this.latest && Date.now() - this.latest.at < maximumAgeMs) return this.latest.jobs
    if (maximumAgeMs === 0) return this.look()
    this.looking ??= this.look().finally(() => (this.looking = undefined))
    return this.looking
  }

  private async look(): Promise<readonly SlurmJob[]> {
    const at = Date.now()
    const answer = await this.run('squeue', [ours(), '--states=all', '--noheader', `--format=${fields}`])
    const jobs = parseJobs(answer)
    if (at >= (this.latest?.at ?? 0)) this.latest = { at, jobs }
    return jobs
  }

  private async run(
    program: string,
    programArguments: readonly string[],
    environment: NodeJS.ProcessEnv = {},
  ): Promise<string> {
    const { PATH, HOME } = process.env
    const options = {
      env: { PATH, HOME, LANG: 'C', ...environment, ...this.environment },
      timeout: patienceMs,
      maxBuffer: largestAnswerBytes,
    }
    try {
      return (await promisify(execFile)(program, programArguments, options)).stdout
    } catch (error) {
      throw problemOf(program, error)
    }
  }
}

/** Reads squeue's lines; those of other jobs may have anything in their names. */
export function parseJobs(text: string): SlurmJob[] {
  return text.split('\n').flatMap((line) => {
    const [id, state, name, comment, nodes, ...reason] = line.split('|')
    if (!id || !state || !name || comment === undefined || nodes === undefined) return []
    return [{ id, state, name, comment, nodes, reason: reason.join('|') }]
  })
}

/** By number: a user of a container may have no name. */
function ours(): string {
  return `--user=${process.getuid?.() ?? ''}`
}

function problemOf(program: string, error: unknown): Error {
  // execFile rejects with these
  const { code, stderr, killed } = error as { code?: unknown; stderr?: string; killed?: boolean }
  if (code === 'ENOENT')
    return new JobProblem('MACHINE_LOST', `${program} is not installed on the machine of the executor`, {
      advice:
        "Ask an administrator to install Slurm's commands there, and to configure them for the cluster.",
    })
  if (killed)
    return new SlurmRefused(`${program} did not answer within ${patienceMs / 1000} seconds`, { cause: error })
  const said = stderr?.trim().replaceAll(/\s*\n\s*/g, '; ')
  return new SlurmRefused(said || String(error), { cause: error })
}
