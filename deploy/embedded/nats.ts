import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, statSync, unwatchFile, watchFile } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { waitUntil } from '@ymir/service'
import { prepareHome, readIfThere, secret, writeWhole } from '../home.ts'
import { endProcess, samePort, isOurs } from '../processes.ts'
import { provideNatsServer } from './nats-binary.ts'
import type { RunningServer } from './postgres.ts'

export interface NatsOptions {
  readonly home: string
  /** Told when nats-server has to be fetched, which takes a few seconds. */
  readonly say?: (line: string) => void
  /** Users beside `ymir`, with its password; each sees streams and subjects of its own only. */
  readonly separateUsers?: readonly string[]
}

/**
 * Starts nats-server with JetStream on 127.0.0.1 (the port of the last start if it is free, else any), or adopts the one that an earlier, killed launcher left running.
 * Its streams lie in YMIR_HOME/nats; the platform's user `ymir` has a password kept in YMIR_HOME/secrets. The users of
 * vendors stand in YMIR_HOME/nats/users.conf, which the labeling service writes: the server reads it again when it changes,
 * for as long as this process lives.
 * @throws Error with the end of the server's log when it does not get ready
 */
export async function startNats(options: NatsOptions): Promise<RunningServer> {
  prepareHome(options.home)
  const server = (await findNats(options.home)) ?? (await launch(options))
  reloadOnNewUsers(options.home, server)
  return server
}

const lookForUsersEveryMs = 500

function reloadOnNewUsers(home: string, { pid, adopted, isAlive }: RunningServer): void {
  const file = usersFile(home)
  if (adopted) process.kill(pid, 'SIGHUP') // what was written while nobody looked
  unwatchFile(file) // for a server of this home that was lost
  const watcher = watchFile(file, { interval: lookForUsersEveryMs }, () => {
    if (isAlive()) process.kill(pid, 'SIGHUP')
  })
  watcher.unref()
}

/** The nats-server that runs with the configuration of this home, whoever started it. */
export async function findNats(home: string): Promise<RunningServer | undefined> {
  const pid = Number(readIfThere(join(home, 'nats', 'nats.pid')))
  const port = lastPort(home)
  if (!pid || !port || !isOurs(pid, configurationFile(home))) return undefined
  const password = secret(home, 'nats')
  try {
    await waitUntil('nats-server to answer', () => answers(port, password), { timeoutMs: 5_000 })
    return describeServer(home, { pid, port }, true)
  } catch {
    await endProcess(pid, [configurationFile(home)]) // ours, but stuck
    return undefined
  }
}

const configurationFile = (home: string) => join(home, 'nats', 'nats.conf')
const usersFile = (home: string) => join(home, 'nats', 'users.conf')

function describeServer(
  home: string,
  { pid, port }: { pid: number; port: number },
  adopted: boolean,
): RunningServer {
  return {
    url: `nats://ymir:${secret(home, 'nats')}@127.0.0.1:${port}`,
    pid,
    port,
    adopted,
    marks: [configurationFile(home)],
    isAlive: () => isOurs(pid, configurationFile(home)),
    stop: () => {
      unwatchFile(usersFile(home))
      return endProcess(pid, [configurationFile(home)], { patienceMs: 10_000 })
    },
  }
}

async function launch({ home, say, separateUsers = [] }: NatsOptions): Promise<RunningServer> {
  const program = await provideNatsServer(home, say)
  const folder = join(home, 'nats')
  const password = secret(home, 'nats')
  const port = await samePort(lastPort(home))
  const logFile = join(home, 'logs', 'nats.log')
  const logStart = existsSync(logFile) ? statSync(logFile).size : 0
  mkdirSync(join(folder, 'jetstream'), { recursive: true })
  rmSync(join(folder, 'nats.pid'), { force: true })
  writeWhole(join(folder, 'platform-user.conf'), `user: "ymir", password: "${password}"\n`)
  if (!existsSync(usersFile(home))) writeWhole(usersFile(home), platformUserOnly)
  writeWhole(configurationFile(home), configuration({ folder, port, password, logFile, separateUsers }))

  const child = spawn(program, ['-c', configurationFile(home)], { stdio: 'ignore', detached: true })
  child.unref()
  let failure: Error | undefined
  child.once('error', (error) => (failure = error))
  child.once('exit', (code) => (failure = new Error(`it ended with code ${code}`)))
  const outcome = await waitUntil(
    'nats-server to get ready',
    async () => failure ?? (await answers(port, password).catch(() => false)),
    { timeoutMs: 60_000, everyMs: 10 },
  )
  if (outcome !== true || child.pid === undefined) {
    const said = readIfThere(logFile)?.slice(logStart).trim().split('\n').slice(-8).join('\n')
    throw new Error(
      `nats-server did not start: ${failure?.message ?? 'no process'}; it said:\n${said}\n(${logFile})`,
    )
  }
  return describeServer(home, { pid: child.pid, port }, false)
}

/** Until the labeling service writes who else may come in. */
const platformUserOnly = 'users: [\n  { include "platform-user.conf" }\n]\n'

/** The password stands in a file that only its owner reads, not on the command line, which everyone sees. */
function configuration(of: {
  folder: string
  port: number
  password: string
  logFile: string
  separateUsers: readonly string[]
}): string {
  const user = (name: string) => `{ user: "${name}", password: "${of.password}" }`
  const account = (name: string) => `  ${name}: { jetstream: enabled, users: [${user(name)}] }`
  return `# Written by the launcher at each start.
listen: "127.0.0.1:${of.port}"
server_name: "ymir"
authorization { include "users.conf" }
accounts {
${of.separateUsers.map(account).join('\n')}
}
jetstream { store_dir: ${JSON.stringify(join(of.folder, 'jetstream'))} }
max_payload: 1MB
pid_file: ${JSON.stringify(join(of.folder, 'nats.pid'))}
log_file: ${JSON.stringify(of.logFile)}
`
}

function lastPort(home: string): number | undefined {
  const port = readIfThere(configurationFile(home))?.match(/^listen: "127\.0\.0\.1:(\d+)"$/m)?.[1]
  return port ? Number(port) : undefined
}

/**
 * Whether a nats-server with our user answers on the port: INFO, then our CONNECT and PING, then PONG
 * (https://docs.nats.io/reference/reference-protocols/nats-protocol).
 */
function answers(port: number, password: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', timeout: 2_000 })
    let said = ''
    socket.on('error', reject)
    socket.on('timeout', () => socket.destroy(new Error(`no answer on port ${port}`)))
    socket.on('close', () => resolve(false))
    socket.once('connect', () => {
      const login = {
        verbose: false,
        pedantic: false,
        user: 'ymir',
        pass: password,
        lang: 'node',
        version: '1',
      }
      socket.write(`CONNECT ${JSON.stringify(login)}\r\nPING\r\n`)
    })
    socket.on('data', (bytes) => {
      said += bytes.toString()
      if (said.includes('PONG\r\n')) resolve(true)
      if (said.includes('PONG\r\n') || said.includes('-ERR')) socket.destroy()
    })
  })
}
