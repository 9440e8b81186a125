import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { chmod, cp, mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { waitUntil } from '@ymir/service'
import Docker from 'dockerode'
import { removeContainer } from '../driver/engine.ts'

/** A container engine for tests. */
export interface TestEngine {
  /** As DOCKER_HOST has it. */
  readonly address: string
  readonly engine: Docker
  /** kill -9 of the service that answers; containers run on. */
  kill(): Promise<void>
  /** Starts the service again. */
  restart(): Promise<void>
  stop(): Promise<void>
}

/**
 * Podman behind its Docker-compatible socket, on storage of its own; else the reason why it cannot be had.
 * @param registries that it may speak to over plain HTTP, e.g. 127.0.0.1:5000
 */
export async function startPodman(
  registries: readonly string[] = [],
): Promise<TestEngine | { readonly reason: string }> {
  if (process.getuid?.() !== 0) return { reason: 'Podman is started by root only' }
  for (const program of ['podman', 'runc'])
    if (spawnSync(program, ['--version']).error)
      return { reason: `${program} is not installed (apt-get install podman runc)` }
  const home = await mkdtemp(join(tmpdir(), 'ymir-podman-'))
  const socket = join(home, 'podman.sock')
  // runc: crun refuses hybrid cgroups; vfs: no file system below another is needed
  const own = ['--root', join(home, 'storage'), '--runroot', join(home, 'run'), '--storage-driver', 'vfs']
  const usual = ['--runtime', 'runc', '--cgroup-manager', 'cgroupfs', '--events-backend', 'file']
  const plain = registries.map((location) => `[[registry]]\nlocation = "${location}"\ninsecure = true\n`)
  await writeFile(join(home, 'registries.conf'), plain.join(''))
  const engine = new Docker({ socketPath: socket })
  let said = ''
  let service: ChildProcess
  const restart = async () => {
    service = spawn('podman', [...own, ...usual, 'system', 'service', '--time=0', `unix://${socket}`], {
      stdio: ['ignore', 'ignore', 'pipe'],
      cwd: home, // a container that runs out of memory leaves a file `oom` where the engine was started
      env: { ...process.env, CONTAINERS_REGISTRIES_CONF: join(home, 'registries.conf') },
    })
    service.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()))
    await waitUntil('Podman to answer', () => existsSync(socket) && engine.ping(), { timeoutMs: 20_000 })
  }
  const end = async (signal: NodeJS.Signals) => {
    const ended = new Promise((resolve) => service.once('exit', resolve))
    if (service.exitCode === null && service.signalCode === null && service.kill(signal)) await ended
  }
  const kill = () => end('SIGKILL')
  const stop = async () => {
    await end('SIGTERM')
    spawnSync('podman', [...own, ...usual, 'rm', '--all', '--force', '--time', '0'])
    await rm(home, { recursive: true, force: true })
  }
  try {
    await restart()
    return { address: `unix://${socket}`, engine, kill, restart, stop }
  } catch {
    await stop()
    return { reason: `Podman does not answer: ${said.trim().split('\n').at(-1)}` }
  }
}

/** Why the engine's containers have no network on this machine; undefined where they can have one. */
export async function whyNoNetwork({ engine }: TestEngine, image: string): Promise<string | undefined> {
  const Ulimits = ['nofile', 'nproc'].map((Name) => ({ Name, Soft: 1024, Hard: 1024 }))
  const container = await engine.createContainer({ Image: image, Cmd: ['id'], HostConfig: { Ulimits } })
  try {
    await container.start()
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  } finally {
    await removeContainer(container)
  }
}

const programs = [
  'bash',
  'sh',
  'sed',
  'grep',
  'date',
  'printf',
  'mkdir',
  'basename',
  'sleep',
  'cat',
  'touch',
  'id',
  'head',
  'tr',
  'base64',
  'tail',
]

/**
 * Makes a container image out of the sample image's folder and the few programs of this machine that it calls.
 * @param change what this one has otherwise
 */
export function importSampleImage(
  engine: TestEngine,
  folder: string,
  name: string,
  change: (root: string) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  return importImage(engine, name, programs, async (root) => {
    await cp(join(folder, 'start.sh'), join(root, 'usr/bin/start.sh'))
    await cp(join(folder, 'img-man'), join(root, 'img-man'), { recursive: true })
    await change(root)
  })
}

/**
 * Makes a container image out of programs of this machine, with what they link to, and what `fill` puts beside them: no
 * registry is needed.
 */
export async function importImage(
  { engine }: TestEngine,
  name: string,
  wanted: readonly string[],
  fill: (root: string) => Promise<void>,
): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'ymir-rootfs-'))
  try {
    await chmod(root, 0o755) // it becomes /, where other users than root go as well
    for (const program of wanted) await copyProgram(program, root)
    for (const place of ['tmp', 'in', 'out', 'dev', 'proc', 'sys', 'etc'])
      await mkdir(join(root, place), { recursive: true })
    await writeFile(join(root, 'etc/passwd'), 'root:x:0:0:root:/:/bin/bash\n')
    await fill(root)
    const tar = spawn('tar', ['-C', root, '-c', '.'], { stdio: ['ignore', 'pipe', 'inherit'] })
    const [, repo = name, tag = 'latest'] = /^(.+?)(?::([^:/]+))?$/.exec(name) ?? []
    const changes = ['CMD ["bash", "/usr/bin/start.sh"]', 'ENV PATH=/usr/bin:/bin']
    const answer = await engine.importImage(tar.stdout, { fromSrc: '-', repo, tag, changes })
    await new Promise((resolve, reject) => {
      answer
        .on('data', () => {})
        .on('end', resolve)
        .on('error', reject)
    })
    // Podman leaves the tag of an import out
    if (tag !== 'latest') await engine.getImage(`${repo}:latest`).tag({ repo, tag })
  } finally {
    await rm(root, { recursive: true, force: true })
  }
}

async function copyProgram(program: string, root: string): Promise<void> {
  const path = spawnSync('sh', ['-c', `command -v ${program}`])
    .stdout.toString()
    .trim()
  const real = path.startsWith('/') ? path : `/usr/bin/${program}`
  await cp(real, join(root, 'usr/bin', program), { dereference: true })
  await copyLibraries(real, root)
}

/** Puts the system's libraries that a program or library links to into an image. */
export async function copyLibraries(file: string, root: string): Promise<void> {
  const needed = spawnSync('ldd', [file]).stdout.toString()
  for (const [library] of needed.matchAll(/(?<==> |\t)\/(?:usr\/)?lib\S*/g))
    await cp(library, join(root, library), { dereference: true })
}
