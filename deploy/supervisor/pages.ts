import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { root } from '../home.ts'

const web = join(root, 'web')
const built = join(web, 'dist')
const sources = ['src', 'public', 'index.html', 'vite.config.ts', '../package-lock.json']

/**
 * Builds the dashboard when a source has changed since the last time.
 * @returns the folder that the gateway serves
 * @throws Error with what vite said when a source is wrong
 */
export async function builtPages(say: (words: string) => void): Promise<string> {
  if (isFresh()) return built
  const started = Date.now()
  // beside it and then in its place, so that a build that is cut off leaves the old one
  const next = join(web, `dist.${process.pid}`)
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js')
  await promisify(execFile)(
    process.execPath,
    [vite, 'build', '--outDir', next, '--emptyOutDir', '--logLevel', 'error'],
    // whoever builds, a test run too: what is built is served until a source changes
    { cwd: web, env: { ...process.env, NODE_ENV: 'production' }, maxBuffer: 16 * 2 ** 20 },
  )
  compress(join(next, 'assets'))
  // another process may have built the same meanwhile, and serve it already
  if (isFresh()) rmSync(next, { recursive: true, force: true })
  else putInPlace(next)
  say(`built the dashboard in ${((Date.now() - started) / 1000).toFixed(1)} s`)
  return built
}

/** The old build goes at once: nobody finds half of one. */
function putInPlace(next: string): void {
  const old = join(web, `dist.${process.pid}.old`)
  if (existsSync(built)) renameSync(built, old)
  renameSync(next, built)
  rmSync(old, { recursive: true, force: true })
}

function isFresh(): boolean {
  const index = join(built, 'index.html')
  return existsSync(index) && sources.every((name) => newestIn(join(web, name)) < statSync(index).mtimeMs)
}

function newestIn(place: string): number {
  const { mtimeMs } = statSync(place)
  if (!statSync(place).isDirectory()) return mtimeMs
  return Math.max(mtimeMs, ...readdirSync(place).map((name) => newestIn(join(place, name))))
}

/** The gateway sends `x.js.br` or `x.js.gz` for `x.js` to a browser that takes it. */
function compress(folder: string): void {
  for (const name of readdirSync(folder).filter((one) => /\.(js|css|svg)$/.test(one))) {
    const bytes = readFileSync(join(folder, name))
    writeFileSync(join(folder, `${name}.gz`), gzipSync(bytes, { level: 9 }))
    writeFileSync(join(folder, `${name}.br`), brotliCompressSync(bytes))
  }
}
