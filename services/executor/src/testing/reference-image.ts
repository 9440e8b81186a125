import { existsSync } from 'node:fs'
import { cp, mkdir, readdir, readFile, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { copyLibraries, importImage, type TestEngine } from './podman.ts'

const repository = fileURLToPath(new URL('../../../..', import.meta.url))
const modules = join(repository, 'node_modules')

/** What the reference executor's Dockerfile installs: versions by package. */
export async function packagesOfDockerfile(): Promise<Map<string, string>> {
  const text = await readFile(join(repository, 'executors/onnx/Dockerfile'), 'utf8')
  return new Map(
    [...text.matchAll(/\s([\w-]+)@([\^\d.]+)/g)].map(([, name = '', version = '']) => [name, version]),
  )
}

/** What the repository itself asks for: versions by package. */
export async function packagesOfRepository(): Promise<Record<string, string>> {
  const manifest = await manifestIn(repository)
  return { ...manifest.devDependencies, ...manifest.dependencies }
}

/**
 * The reference executor as its Dockerfile lays it out, on the Node.js of this machine and with the packages that are
 * installed here.
 */
export function importReferenceImage(engine: TestEngine, name: string): Promise<void> {
  const programs = ['bash', 'node', 'dirname', 'readlink']
  return importImage(engine, name, programs, async (root) => {
    const app = join(root, 'app')
    for (const folder of ['libs/detection', 'executors/onnx'])
      await cp(join(repository, folder), join(app, folder), { recursive: true })
    for (const one of await closureOf([...(await packagesOfDockerfile()).keys()])) {
      const from = join(modules, one)
      await cp(from, join(app, 'node_modules', one), { recursive: true, filter: isForThisMachine })
      for (const file of await readdir(from, { recursive: true }))
        if (file.endsWith('.node') && isForThisMachine(join(from, file)))
          await copyLibraries(join(from, file), root)
    }
    await mkdir(join(app, 'node_modules/@ymir'), { recursive: true })
    await symlink('../../libs/detection', join(app, 'node_modules/@ymir/detection'))
    await cp(join(repository, 'executors/onnx/img-man'), join(root, 'img-man'), { recursive: true })
    await symlink('/app/executors/onnx/start.sh', join(root, 'usr/bin/start.sh'))
  })
}

/** The packages and all that they need, as far as it is installed. */
async function closureOf(names: readonly string[], known = new Set<string>()): Promise<Set<string>> {
  for (const name of names) {
    if (known.has(name) || !existsSync(join(modules, name))) continue
    known.add(name)
    const { dependencies = {}, optionalDependencies = {} } = await manifestIn(join(modules, name))
    await closureOf(Object.keys({ ...dependencies, ...optionalDependencies }), known)
  }
  return known
}

type Versions = Readonly<Record<string, string>>
interface Manifest {
  readonly dependencies?: Versions
  readonly devDependencies?: Versions
  readonly optionalDependencies?: Versions
}

async function manifestIn(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest // npm's format
}

/** onnxruntime-node brings the engines of all systems, hundreds of megabytes. */
function isForThisMachine(path: string): boolean {
  const [, platform, processor] = /onnxruntime-node\/bin\/[^/]+\/(\w+)(?:\/(\w+))?/.exec(path) ?? []
  return (!platform || platform === process.platform) && (!processor || processor === process.arch)
}
