import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build, type Plugin } from 'esbuild'
import { z } from 'zod'
import { readIfThere, root, writeWhole } from '../home.ts'
import type { ServiceDescription } from './services.ts'

/** How a service is run: the arguments of node before the service's own. */
export type Program = readonly string[]

/** Runs the source, translated while it loads; what is plain JavaScript already, as it is. */
export function fromSource({ entry }: ServiceDescription): Program {
  return entry.endsWith('.ts')
    ? ['--import', join(root, 'node_modules', 'tsx', 'dist', 'loader.mjs'), entry]
    : [entry]
}

const programFolder = join(root, 'node_modules', '.cache', 'ymir', 'programs')
const stampFile = (home: string) => join(home, 'packed.json')
/** Packages in CommonJS ask for what stays outside by `require`, which a module has not. */
const commonJs = `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`
const Stamp = z.object({ folder: z.string(), at: z.number(), inputs: z.array(z.string()) })

/**
 * Packs the sources of each service, and the packages that they use, into a few files: no start translates TypeScript or
 * looks for thousands of files. Done when a source has changed since the last time.
 * @param home where the packed programs are kept; below the checkout, so that they find what is not packed
 * @returns the program of each service by name
 */
export async function packPrograms(
  services: readonly ServiceDescription[],
  say: (words: string) => void,
  home = programFolder,
): Promise<Map<string, Program>> {
  const sources = services.filter(({ entry }) => entry.endsWith('.ts') && existsSync(entry))
  const packed = sources.length === 0 ? '' : (lastPacked(sources, home) ?? (await pack(sources, say, home)))
  return new Map(
    services.map((one) => [
      one.name,
      sources.includes(one) ? [join(packed, `${one.name}.mjs`)] : fromSource(one),
    ]),
  )
}

/** The folder of the last packing, when it holds these services and no file that went into it has changed since. */
function lastPacked(services: readonly ServiceDescription[], home: string): string | undefined {
  const text = readIfThere(stampFile(home))
  if (text === undefined) return undefined
  const { folder, at, inputs } = Stamp.parse(JSON.parse(text))
  // a checkout that was moved or copied brings the packing of its old place, which runs on the files there
  const isThere =
    dirname(folder) === home && services.every(({ name }) => existsSync(join(folder, `${name}.mjs`)))
  const changedAt = (file: string) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Infinity
  return isThere && inputs.every((file) => changedAt(file) < at) ? folder : undefined
}

async function pack(
  services: readonly ServiceDescription[],
  say: (words: string) => void,
  home: string,
): Promise<string> {
  const at = Date.now()
  const workers = workersOf(services)
  const folder = join(home, randomBytes(6).toString('hex'))
  const { metafile } = await build({
    entryPoints: [
      ...services.map(({ name, entry }) => ({ in: entry, out: name })),
      ...workers.map((entry) => ({ in: entry, out: basename(entry, '.ts') })),
    ],
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    absWorkingDir: root,
    tsconfig: join(root, 'tsconfig.json'),
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    keepNames: true, // TypeORM and type-graphql go by the names of classes
    metafile: true,
    logLevel: 'error',
    banner: { js: commonJs },
    external: packagesOutside,
    plugins: [oneBuildEach, sourcePlaces(workers)],
  })
  const inputs = [...Object.keys(metafile.inputs), 'package-lock.json'].map((file) => join(root, file))
  inputs.push(fileURLToPath(import.meta.url))
  writeWhole(stampFile(home), JSON.stringify({ folder, at, inputs }))
  removeOld(home, folder)
  say(`packed ${services.map(({ name }) => name).join(', ')} in ${((Date.now() - at) / 1000).toFixed(1)} s`)
  return folder
}

/**
 * The programs of threads: `x-worker.ts` with an `x-worker.mjs` beside it that runs it from source. Those of
 * all services, and beside these.
 */
function workersOf(services: readonly ServiceDescription[]): string[] {
  const ours = ['services', 'libs'].map((name) => join(root, name))
  const folders = [...services.map(({ entry }) => dirname(entry)), ...ours]
  const found = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('-worker.mjs') && !name.includes('node_modules'))
      .map((name) => join(folder, name.replace(/\.mjs$/, '.ts')))
      .filter((source) => existsSync(source)),
  )
  return [...new Set(found)]
}

/** They read files beside their own, or bring machine code: they stay in node_modules. */
const packagesOutside = ['dockerode', 'pino', 'sharp', '@aws-sdk/*']

/**
 * Packages of which one build is packed for all who use them. As module and as CommonJS, graphql would be there twice and
 * refuse its own types; `import()` of class-validator in CommonJS, which type-graphql does, would find nothing in it.
 */
const oneBuild: Record<string, string> = {
  graphql: 'graphql/index.js',
  'class-validator': 'class-validator/esm2015/index.js',
}

const oneBuildEach: Plugin = {
  name: 'one build each',
  setup({ onResolve }) {
    onResolve({ filter: /^(graphql|class-validator)$/ }, ({ path }) => ({
      path: join(root, 'node_modules', oneBuild[path]!),
    }))
  },
}

/** A thread's program is packed too, beside the program; what else is named by its place lies beside the source. */
const ownPlace = /new URL\('\.\/([\w-]+-worker)\.mjs', import\.meta\.url\)|import\.meta\.url/g

/** Sources of ours name files beside them by `import.meta.url` (schemas): it stays the source's, not the pack's. */
const sourcePlaces = (workers: readonly string[]): Plugin => ({
  name: 'source places',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/, namespace: 'file' }, async ({ path }) => {
      const text = await readFile(path, 'utf8')
      return {
        loader: 'ts',
        contents: text.replaceAll(ownPlace, (found: string, worker?: string) =>
          worker !== undefined && workers.includes(join(dirname(path), `${worker}.ts`))
            ? found
            : found.replace('import.meta.url', JSON.stringify(pathToFileURL(path).href)),
        ),
      }
    })
  },
})

/** Keeps this packing and the two before it, from which a platform may be running. */
function removeOld(home: string, newest: string): void {
  const age = (folder: string) => statSync(folder).mtimeMs
  const folders = readdirSync(home, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(home, name))
    .filter((folder) => folder !== newest)
    .toSorted((one, other) => age(other) - age(one))
  for (const folder of folders.slice(2)) rmSync(folder, { recursive: true, force: true })
}
