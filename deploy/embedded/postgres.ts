import { execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { waitUntil } from '@ymir/service'
import pg from 'pg'
import { prepareHome, readIfThere, secret, writeWhole } from '../home.ts'
import { endProcess, samePort, isOurs, pidIsTaken } from '../processes.ts'
import { preparePostgresBinaries, sharedFolder } from './postgres-binaries.ts'
import { allowPassage, canReach, unprivilegedUser, type UnprivilegedUser } from './unprivileged-user.ts'

const run = promisify(execFile)

export interface PostgresOptions {
  /** YMIR_HOME of the platform. */
  readonly home: string
  /** False for tests: nothing is forced to disk, so a power failure would lose data; kill -9 loses nothing. */
  readonly durable?: boolean
}

export interface RunningServer {
  readonly url: string
  readonly port: number
  readonly pid: number
  /** It ran already: its launcher was killed and it was not. */
  readonly adopted: boolean
  /** What its command line contains and no other process's does. */
  readonly marks: readonly string[]
  isAlive(): boolean
  /** Ends it in order: what was committed is on disk, no recovery at the next start. */
  stop(): Promise<void>
}

/**
 * Starts PostgreSQL from the npm package's binaries on 127.0.0.1 (the port of the last start if it is free, else any), with one database `ymir` whose owner
 * has a password kept in YMIR_HOME/secrets; or adopts the one that an earlier, killed launcher left running.
 * @throws Error with the end of PostgreSQL's log when it does not get ready
 */
export async function startPostgres({ home, durable = true }: PostgresOptions): Promise<RunningServer> {
  prepareHome(home)
  const running = await findPostgres(home)
  const server = running ?? (await launch(home, durable))
  await createDatabase(server)
  return server
}

/** The PostgreSQL that runs on the data of this home, whoever started it; waits while it is starting or stopping. */
export async function findPostgres(home: string): Promise<RunningServer | undefined> {
  const data = knownDataFolder(home)
  const running = await findPostmaster(data)
  return running && describeServer(home, data, running, true)
}

interface Postmaster {
  readonly pid: number
  readonly port: number
}

function describeServer(
  home: string,
  data: string,
  { pid, port }: Postmaster,
  adopted: boolean,
): RunningServer {
  return {
    url: `postgres://ymir:${secret(home, 'postgres')}@127.0.0.1:${port}/ymir`,
    pid,
    port,
    adopted,
    marks: [data],
    isAlive: () => isOurs(pid, data),
    // SIGINT is PostgreSQL's "fast" shutdown: sessions are ended, work is rolled back, a checkpoint is written.
    stop: () => endProcess(pid, [data], { signal: 'SIGINT', patienceMs: 20_000 }),
  }
}

const locationRecord = (home: string) => join(home, 'postgres.location')

function knownDataFolder(home: string): string {
  return join(readIfThere(locationRecord(home))?.trim() || join(home, 'postgres'), 'data')
}

/**
 * The folder of PostgreSQL's data, created at the first start: YMIR_HOME/postgres/data. When the user that PostgreSQL
 * runs as cannot get there (root keeps YMIR_HOME below a closed folder), it is /var/lib/ymir/postgres-<random>/data,
 * and YMIR_HOME/postgres.location says so.
 */
function chooseDataFolder(home: string): string {
  const known = knownDataFolder(home)
  const user = unprivilegedUser()
  if (existsSync(known) || !user) return known
  allowPassage(home, user)
  if (canReach(home, user)) return known

  mkdirSync(sharedFolder, { recursive: true, mode: 0o755 }) // by itself: the mode counts for every folder made on the way
  const outside = join(sharedFolder, `postgres-${randomBytes(4).toString('hex')}`)
  writeWhole(locationRecord(home), outside + '\n')
  return join(outside, 'data')
}

interface PostmasterFile extends Postmaster {
  readonly status: string
}

/** What PostgreSQL writes about itself into its data folder (src/include/utils/pidfile.h). */
function readPostmasterFile(data: string): PostmasterFile | undefined {
  const lines = readIfThere(join(data, 'postmaster.pid'))?.split('\n')
  if (!lines) return undefined
  return { pid: Number(lines[0]), port: Number(lines[3]), status: lines[7]?.trim() ?? '' }
}

async function findPostmaster(data: string): Promise<Postmaster | undefined> {
  const found = readPostmasterFile(data)
  if (!found) return undefined
  if (!isOurs(found.pid, data)) {
    // PostgreSQL would take any process of this number, be it a zombie, for a server on its data. When the number is
    // free it clears the file itself, after making sure that no session of the dead server is left.
    if (pidIsTaken(found.pid)) rmSync(join(data, 'postmaster.pid'))
    return undefined
  }
  // It may still be starting (recovery), or on its way out.
  const settled = await waitUntil(
    `PostgreSQL (pid ${found.pid}) to be ready or gone`,
    () => {
      const now = readPostmasterFile(data)
      return !isOurs(found.pid, data) ? 'gone' : now?.status === 'ready' && now
    },
    { timeoutMs: 60_000 },
  )
  return settled === 'gone' ? undefined : { pid: settled.pid, port: settled.port }
}

async function launch(home: string, durable: boolean): Promise<RunningServer> {
  const data = chooseDataFolder(home)
  // Data of an earlier start belongs to the user who ran it then.
  const user = unprivilegedUser() && (existsSync(data) ? ownerOf(data) : unprivilegedUser())
  const binaries = preparePostgresBinaries(user)
  if (!existsSync(data))
    await initialise(binaries, data, { password: secret(home, 'postgres'), durable, user })

  const port = await samePort(lastPort(data))
  const logFile = join(home, 'logs', 'postgres.log')
  const logStart = existsSync(logFile) ? statSync(logFile).size : 0
  const logTo = openSync(logFile, 'a', 0o600)
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    logging_collector: 'off',
    max_connections: '200',
    ...(durable ? {} : { fsync: 'off', full_page_writes: 'off' }),
  }
  const child = spawn(
    join(binaries, 'bin', 'postgres'),
    [
      '-D',
      data,
      '-p',
      String(port),
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    {
      ...asUser(user),
      cwd: dirname(data),
      env: environment,
      stdio: ['ignore', logTo, logTo],
      detached: true, // Ctrl-C in the terminal must not reach it before the services
    },
  )
  closeSync(logTo)
  child.unref()
  let failure: Error | undefined
  child.once('error', (error) => (failure = error))
  child.once('exit', (code) => (failure = new Error(`it ended with code ${code}`)))
  const isReady = () => {
    if (failure) return failure
    const now = readPostmasterFile(data)
    return now?.pid === child.pid && now?.status === 'ready'
  }
  const outcome = await waitUntil('PostgreSQL to get ready', isReady, { timeoutMs: 120_000, everyMs: 10 })
  if (outcome !== true || child.pid === undefined) {
    const said = readIfThere(logFile)?.slice(logStart).trim().split('\n').slice(-8).join('\n')
    throw new Error(
      `PostgreSQL did not start: ${failure?.message ?? 'no process'}; it said:\n${said}\n(${logFile})`,
    )
  }
  return describeServer(home, data, { pid: child.pid, port }, false)
}

/** The port of the last start, so that clients find the server again after a restart. */
function lastPort(data: string): number | undefined {
  const port = readIfThere(join(data, 'postmaster.opts'))?.match(/"-p" "(\d+)"/)?.[1]
  return port ? Number(port) : undefined
}

async function initialise(
  binaries: string,
  data: string,
  { password, durable, user }: { password: string; durable: boolean; user: UnprivilegedUser | undefined },
): Promise<void> {
  // Made beside and renamed when whole: initdb writes PG_VERSION long before it is done.
  const draft = `${data}.new`
  const passwordFile = `${data}.password`
  const folder = dirname(data)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  rmSync(draft, { recursive: true, force: true })
  rmSync(passwordFile, { force: true })
  mkdirSync(draft, { mode: 0o700 })
  writeFileSync(passwordFile, password + '\n', { mode: 0o600, flag: 'wx' })
  if (user) for (const path of [folder, draft, passwordFile]) chownSync(path, user.uid, user.gid)
  try {
    await run(
      join(binaries, 'bin', 'initdb'),
      [
        ...['-D', draft, '-U', 'ymir', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`, '-E', 'UTF8'],
        // The built-in C.UTF-8: the same order on every machine, and letters beyond ASCII have their cases.
        ...['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--no-instructions'],
        ...(durable ? [] : ['--no-sync']),
      ],
      { ...asUser(user), cwd: folder, env: environment },
    )
  } finally {
    rmSync(passwordFile, { force: true })
  }
  renameSync(draft, data)
}

async function createDatabase(server: RunningServer): Promise<void> {
  const maintenance = new URL(server.url)
  maintenance.pathname = '/postgres'
  const client = new pg.Client({ connectionString: maintenance.href })
  await client.connect()
  try {
    const { rowCount } = await client.query(`select 1 from pg_database where datname = 'ymir'`)
    if (rowCount === 0) await client.query('create database ymir')
  } finally {
    await client.end()
  }
}

const environment = { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' }
const asUser = (user: UnprivilegedUser | undefined) => (user ? { uid: user.uid, gid: user.gid } : {})

function ownerOf(folder: string): UnprivilegedUser {
  const { uid, gid } = statSync(folder)
  return { name: String(uid), uid, gid }
}
