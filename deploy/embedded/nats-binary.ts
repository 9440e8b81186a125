import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  accessSync,
  constants,
  copyFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { root } from '../home.ts'

const run = promisify(execFile)

/** Where an installed nats-server is kept, for every YMIR_HOME of this checkout. */
const toolFolder = join(root, 'node_modules', '.cache', 'ymir')

/** @returns the nats-server of YMIR_NATS_SERVER, PATH, YMIR_HOME/bin or an earlier installation; undefined when there is none */
export function findNatsServer(home: string): string | undefined {
  const chosen = process.env.YMIR_NATS_SERVER
  if (chosen && !isExecutable(chosen))
    throw new Error(`YMIR_NATS_SERVER=${chosen} is not a program that can be run`)
  if (chosen) return chosen
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', join(home, 'bin'), toolFolder]
  return folders.map((folder) => join(folder, 'nats-server')).find(isExecutable)
}

/**
 * Finds nats-server, or takes it out of the distribution's package without installing that: the machine stays as it
 * is, and no rights are needed.
 * @throws Error that says how to get it on systems that are not Debian's kin
 */
export async function provideNatsServer(
  home: string,
  say: (line: string) => void = () => {},
): Promise<string> {
  const found = findNatsServer(home)
  if (found) return found
  if (process.platform !== 'linux' || !(await succeeds('apt-get', ['--version'])))
    throw new Error(howToGetNats)
  say('nats-server is not here: taking it from the distribution (apt-get download nats-server)')
  const scratch = mkdtempSync(join(tmpdir(), 'ymir-nats-server-'))
  try {
    return await takeFromPackage(scratch)
  } catch (error) {
    throw new Error(`${howToGetNats}\nTaking it from the distribution failed: ${(error as Error).message}`, {
      cause: error,
    }) // execFile and fs reject with Errors
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

export const howToGetNats =
  'nats-server was not found. Get it with `apt-get install nats-server` (Debian, Ubuntu), `brew install nats-server` ' +
  '(macOS), `apk add nats-server` (Alpine) or from https://github.com/nats-io/nats-server/releases, and have it on ' +
  'PATH, or name the program in YMIR_NATS_SERVER.'

async function takeFromPackage(scratch: string): Promise<string> {
  const download = (options: readonly string[]) =>
    run('apt-get', [...options, 'download', 'nats-server'], { cwd: scratch })
  try {
    await download([])
  } catch {
    // No list of packages yet (a fresh container): fetch one of our own, which needs no rights.
    const own = ['Dir::State', 'Dir::State::lists', 'Dir::Cache'].flatMap((key) => [
      '-o',
      `${key}=${join(scratch, key.replaceAll(':', '_'))}`,
    ])
    for (const folder of ['Dir__State', 'Dir__State__lists/partial', 'Dir__Cache/archives/partial']) {
      mkdirSync(join(scratch, folder), { recursive: true })
    }
    await run('apt-get', [...own, 'update'], { cwd: scratch })
    await download(own)
  }
  const archive = readdirSync(scratch).find((name) => name.endsWith('.deb'))
  if (!archive) throw new Error('apt-get download left no package')
  await run('dpkg-deb', ['-x', archive, 'package'], { cwd: scratch })
  const program = ['usr/sbin', 'usr/bin']
    .map((at) => join(scratch, 'package', at, 'nats-server'))
    .find(isExecutable)
  if (!program) throw new Error(`${archive} holds no nats-server`)

  mkdirSync(toolFolder, { recursive: true })
  const draft = join(toolFolder, `nats-server.${randomBytes(4).toString('hex')}`)
  copyFileSync(program, draft)
  chmodSync(draft, 0o755)
  renameSync(draft, join(toolFolder, 'nats-server'))
  return join(toolFolder, 'nats-server')
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

const succeeds = (program: string, args: readonly string[]): Promise<boolean> =>
  run(program, args).then(
    () => true,
    () => false,
  )
