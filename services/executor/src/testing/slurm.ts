import { spawn, spawnSync, execFileSync, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { waitUntil } from '@ymir/service'

/**
 * A Slurm cluster of this one machine, for tests: the node `ymirnode` in the partitions `cpu` (default), `priority`, whose
 * jobs preempt those of `cpu`, and `closed`, whose jobs wait.
 */
export interface TestSlurm {
  /** With SLURM_CONF, for the driver. */
  readonly environment: NodeJS.ProcessEnv
  /** Runs a command of Slurm. @returns what it prints */
  command(program: string, ...programArguments: string[]): string
  /** Lets the jobs that wait in `closed` begin, and closes it again. */
  openOnce(begun: () => Promise<unknown>): Promise<void>
  /** Waits until the node takes jobs (again). */
  nodeReady(): Promise<unknown>
  stopController(): Promise<void>
  startController(): Promise<void>
  stop(): Promise<void>
}

/** Whatever the machine has: tests share it out, and need no more than it has. */
export const cpusOfNode = 4

const programs = [
  'munged',
  'slurmctld',
  'slurmd',
  'sbatch',
  'squeue',
  'scancel',
  'scontrol',
  'sinfo',
  'munge',
]

/** munged, slurmctld and slurmd with a folder and ports of their own, on the loopback; else the reason why it cannot be had. */
export async function startSlurm(): Promise<TestSlurm | { readonly reason: string }> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    return { reason: 'Slurm is started by root only, on Linux' }
  const missing = programs.find((program) => spawnSync('which', [program]).status !== 0)
  if (missing) return { reason: `${missing} is not installed (apt-get install slurm-wlm munge)` }
  const home = await mkdtemp(join(tmpdir(), 'ymir-slurm-'))
  await chmod(home, 0o755) // munged wants nobody but root to write, everybody to reach its socket
  const configuration = join(home, 'slurm.conf')
  const environment = { ...process.env, SLURM_CONF: configuration }

  let said = ''
  const daemons: ChildProcess[] = []
  const start = (program: string, programArguments: readonly string[]) => {
    const daemon = spawn(program, programArguments, {
      env: environment,
      cwd: home,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    daemon.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
    daemons.push(daemon)
    return daemon
  }
  const startController = () => start('slurmctld', ['-D', '-f', configuration])
  const command = (program: string, ...programArguments: string[]) =>
    execFileSync(program, programArguments, {
      env: environment,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  const nodeReady = () =>
    waitUntil(
      'the node to be ready',
      () =>
        /^(idle|mixed|allocated)\n/.test(command('sinfo', '--noheader', '--format=%T', '--partition=cpu')),
      { timeoutMs: 30_000, everyMs: 200 },
    )
  const stop = async () => {
    for (const daemon of daemons.reverse()) await end(daemon)
    killAllOf(configuration)
    await rm(home, { recursive: true, force: true, maxRetries: 5 })
  }
  try {
    await configure(home, configuration)
    const socket = join(home, 'munge.sock')
    start('munged', [
      ...['--foreground', `--socket=${socket}`, `--key-file=${join(home, 'munge.key')}`],
      ...[`--pid-file=${join(home, 'munged.pid')}`, `--seed-file=${join(home, 'munge.seed')}`],
    ])
    await waitUntil('munged to answer', () => spawnSync('munge', ['-n', '-S', socket]).status === 0)
    let controller = startController()
    start('slurmd', ['-D', '-N', 'ymirnode', '-f', configuration])
    await nodeReady()
    return {
      environment: { SLURM_CONF: configuration },
      command,
      openOnce: async (begun) => {
        command('scontrol', 'update', 'partitionname=closed', 'state=up')
        await begun()
        command('scontrol', 'update', 'partitionname=closed', 'state=down')
      },
      nodeReady,
      stopController: () => end(controller),
      startController: async () => {
        controller = startController()
        await nodeReady()
      },
      stop,
    }
  } catch (error) {
    const last = said.trim().split('\n').at(-1)
    await stop()
    return { reason: `Slurm does not start: ${String(error)}: ${last}` }
  }
}

/** Everything short: a test does not wait for a cluster's leisure. */
async function configure(home: string, configuration: string): Promise<void> {
  for (const folder of ['state', 'spool']) await mkdir(join(home, folder))
  await writeFile(join(home, 'munge.key'), randomBytes(1024), { mode: 0o400 })
  const gpu = join(home, 'gpu')
  // Slurm numbers GPUs by their device files: as good as /dev/null
  for (const index of [0, 1]) execFileSync('mknod', [`${gpu}${index}`, 'c', '1', '3'])
  await writeFile(join(home, 'gres.conf'), `NodeName=ymirnode Name=gpu File=${gpu}[0-1]\n`)
  const [controllerPort, nodePort] = await freePorts()
  await writeFile(
    configuration,
    `ClusterName=ymir
SlurmctldHost=localhost(127.0.0.1)
SlurmctldPort=${controllerPort}
SlurmdPort=${nodePort}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=${join(home, 'munge.sock')}
MailProg=/bin/true
MpiDefault=none
SlurmctldPidFile=${join(home, 'slurmctld.pid')}
SlurmdPidFile=${join(home, 'slurmd.pid')}
StateSaveLocation=${join(home, 'state')}
SlurmdSpoolDir=${join(home, 'spool')}
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=1,sched_min_interval=0,bf_interval=1,batch_sched_delay=0
PreemptType=preempt/partition_prio
PreemptMode=CANCEL
ReturnToService=2
SlurmdParameters=config_overrides
KillWait=2
MinJobAge=10
SlurmctldTimeout=10
SlurmdTimeout=10
GresTypes=gpu
NodeName=ymirnode NodeHostname=localhost NodeAddr=127.0.0.1 Port=${nodePort} CPUs=${cpusOfNode} Gres=gpu:2 State=UNKNOWN
PartitionName=cpu Nodes=ymirnode Default=YES MaxTime=INFINITE PriorityTier=1
PartitionName=priority Nodes=ymirnode MaxTime=INFINITE PriorityTier=2
PartitionName=closed Nodes=ymirnode MaxTime=INFINITE PriorityTier=1 State=DOWN
`,
  )
}

async function freePorts(): Promise<[number, number]> {
  const servers = [createServer(), createServer()] as const
  const ports = servers.map(
    (server) =>
      new Promise<number>((resolve) =>
        // a server that listens on a port has an address of this type
        server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)),
      ),
  )
  const [one = 0, other = 0] = await Promise.all(ports)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return [one, other]
}

async function end(daemon: ChildProcess): Promise<void> {
  if (daemon.exitCode !== null || daemon.signalCode !== null) return
  const ended = new Promise((resolve) => daemon.once('exit', resolve))
  const impatience = setTimeout(() => daemon.kill('SIGKILL'), 5_000)
  daemon.kill('SIGTERM')
  await ended
  clearTimeout(impatience)
}

/** Jobs outlive the daemons; whatever was started with this configuration is of these tests. */
function killAllOf(configuration: string): void {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      if (!readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`SLURM_CONF=${configuration}`)) continue
      process.kill(Number(pid), 'SIGKILL')
    } catch {
      // it has ended meanwhile
    }
  }
}
