import { randomBytes } from 'node:crypto'
import { chmodSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The root of the checkout. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')

/** YMIR_HOME, absolute; `./ymir-data` of the checkout when it is not set. */
export function homeFolder(environment: NodeJS.ProcessEnv = process.env): string {
  return resolve(environment.YMIR_HOME ?? join(root, 'ymir-data'))
}

/** Where the blob store is: YMIR_BLOBS (a folder, or a bucket, see docs/storage.md), otherwise the folder in YMIR_HOME. */
export function blobsOf(home: string, environment: NodeJS.ProcessEnv = process.env): string {
  return environment.YMIR_BLOBS ?? join(home, 'blobs')
}

/**
 * Creates the one folder in which everything lies, closed to other users.
 *
 * ```
 * postgres/ nats/        what the database and the bus keep
 * blobs/ uploads/ jobs/  content-addressed bytes, unfinished uploads, folders of running jobs
 * secrets/               made at the first start, each readable by its owner alone
 * logs/                  ymir.log (all), one file for each process
 * run.json               what runs now: pids and ports
 * ```
 */
export function prepareHome(home: string): void {
  mkdirSync(home, { recursive: true, mode: 0o700 })
  for (const folder of ['secrets', 'logs', 'blobs', 'uploads', 'nats']) {
    mkdirSync(join(home, folder), { recursive: true, mode: 0o700 })
    chmodSync(join(home, folder), 0o700)
  }
}

/** A secret of 32 random bytes in hexadecimal, made once and kept in YMIR_HOME/secrets. */
export function secret(home: string, name: 'platform' | 'postgres' | 'nats'): string {
  const folder = join(home, 'secrets')
  const file = join(folder, name)
  const known = readIfThere(file)
  if (known) return known.trim()

  // Written in full elsewhere, then linked: two that start at once get the same secret, and none half of one.
  const draft = join(folder, `.${name}.${randomBytes(4).toString('hex')}`)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  writeFileSync(draft, randomBytes(32).toString('hex') + '\n', { mode: 0o600 })
  try {
    linkSync(draft, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error // fs throws nothing but errno errors
  } finally {
    rmSync(draft)
  }
  return readFileSync(file, 'utf8').trim()
}

/** Replaces a file in one step, so that a reader sees the old one or the new one. */
export function writeWhole(file: string, text: string): void {
  const draft = `${file}.${process.pid}.tmp`
  writeFileSync(draft, text, { mode: 0o600 })
  renameSync(draft, file)
}

export function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined // fs throws nothing but errno errors
    throw error
  }
}
