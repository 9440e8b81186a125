/**
 * What the executor adds to running a program: jobs a minute as processes and in containers against the same program and
 * the same containers without it, the input of 10,000 assets against the links alone, the lag from a written line to the
 * news of it with twenty jobs, and memory with a hundred.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, chmod, cp, link, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { waitUntil } from '@ymir/service'
import {
  anEntry,
  aPlatform,
  aTraining,
  descriptionOf,
  DockerDriver,
  importImage,
  jobFolders,
  startPodman,
  writeInput,
  type Platform,
  type TestEngine,
} from '@ymir/executor/testing'
import { startPostgres } from '@ymir/deploy'

const home = await mkdtemp(join(tmpdir(), 'ymir-bench-jobs-'))
const postgres = await startPostgres({ home, durable: false })
process.env.YMIR_TEST_DATABASE_URL = postgres.url
const seconds = async (work: () => Promise<unknown>) => {
  const start = performance.now()
  await work()
  return (performance.now() - start) / 1000
}
const p95 = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.95)] ?? NaN

/** What is in use after the garbage is collected: what is resident tells more of earlier work than of this one. */
function liveMegabytes(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void // what the flag exposes
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return (heapUsed + external) / 2 ** 20
}

/** An image that does nothing but what a training must leave; with `go` it waits until that is there. */
async function anImage(name: string, waits = false): Promise<string> {
  const folder = join(home, name)
  await mkdir(join(folder, 'img-man'), { recursive: true })
  await writeFile(join(folder, 'img-man/training-template.yaml'), 'steps: 1\n')
  const script = `OUT="\${YMIR_OUT:-/out}"
${waits ? 'mkfifo "$OUT/go"; read -r line <"$OUT/go"' : ''}
echo weights >"$OUT/models/model"
printf 'model: [model]\\nmap: 0.5\\n' >"$OUT/models/result.yaml"
`
  await writeFile(join(folder, 'start.sh'), script)
  return folder
}

async function runJobs(platform: Platform, count: number): Promise<void> {
  const training = await aTraining(platform)
  const ids = await Promise.all(Array.from({ length: count }, () => platform.request(training)))
  for (const id of ids) {
    const { state, failure } = await platform.ends(id, 300_000)
    if (state !== 'SUCCEEDED') throw new Error(`job ${id} ${state}: ${failure?.message}`)
  }
}

/** Two at a time, as the platform's two slots. */
async function twoAtATime(count: number, run: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0
  const worker = async () => {
    while (next < count) await run((next += 1))
  }
  await Promise.all([worker(), worker()])
}

function tell(what: string, count: number, took: number, bare: number): void {
  const [ours, theirs] = [(60 * count) / took, (60 * count) / bare]
  console.log(`${what}: ${ours.toFixed(0)} jobs a minute; the same without the executor ${theirs.toFixed(0)}`)
  console.log(`bench jobs ${what}: ratio ${(ours / theirs).toFixed(2)}`)
}

async function processes(): Promise<void> {
  const image = await anImage('empty')
  const platform = await aPlatform({ reference: image, slots: 2 })
  await runJobs(platform, 4)
  const took = await seconds(() => runJobs(platform, 60))
  const bare = await seconds(() =>
    twoAtATime(60, async (index) => {
      const out = join(home, `bare${index}`)
      await mkdir(join(out, 'models'), { recursive: true })
      await once(spawn('bash', [join(image, 'start.sh')], { env: { ...process.env, YMIR_OUT: out } }), 'exit')
    }),
  )
  await platform.close()
  tell('as processes', 60, took, bare)
}

async function containers(engine: TestEngine): Promise<void> {
  const folder = await anImage('empty-container')
  const name = 'localhost/ymir-bench-empty:latest'
  await importImage(engine, name, ['bash', 'printf'], async (root) => {
    await cp(join(folder, 'start.sh'), join(root, 'usr/bin/start.sh'))
    await cp(join(folder, 'img-man'), join(root, 'img-man'), { recursive: true })
  })
  const limits = { memoryBytes: 2 ** 28, cpus: 1, processes: 256, openFiles: 4096 }
  const docker = new DockerDriver({ DOCKER_HOST: engine.address }, limits)
  const platform = await aPlatform({ docker, reference: name, slots: 2 })
  await runJobs(platform, 2)
  const took = await seconds(() => runJobs(platform, 20))
  const bare = await seconds(() =>
    twoAtATime(20, async (index) => {
      const out = join(home, `bare-container${index}`)
      await mkdir(join(out, 'models'), { recursive: true })
      for (const one of [out, join(out, 'models')]) await chmod(one, 0o777)
      const ulimits = ['nofile', 'nproc'].map((Name) => ({ Name, Soft: 4096, Hard: 4096 }))
      const HostConfig = { Binds: [`${out}:/out`], NetworkMode: 'none', Ulimits: ulimits }
      const container = await engine.engine.createContainer({ Image: name, HostConfig })
      await container.start()
      await container.wait()
      await container.remove()
    }),
  )
  await platform.close()
  tell('in containers', 20, took, bare)
}

async function input(): Promise<void> {
  const platform = await aPlatform({ reference: await anImage('input') })
  const count = 10_000
  const entries = []
  for (let index = 0; index < count; index += 1) entries.push(await anEntry(platform, String(index)))
  const trainingVersionId = await platform.addVersion(entries)
  const validationVersionId = await platform.addVersion(entries.slice(0, 1))
  const request = {
    classNames: ['cat'],
    parameters: {},
    candidateImages: [],
    trainingVersionId,
    validationVersionId,
  }
  const job = {
    ...{ jobId: 'bench', projectId: platform.projectId, kinds: ['TRAINING'] as const, gpuCount: 0, request },
    image: descriptionOf(platform.image),
  }
  const sources = { blobs: platform.blobs, versions: platform.versions }
  const folders = jobFolders(join(home, 'input'), 'bench')
  const took = await seconds(() => writeInput(job, folders, sources, new AbortController().signal))
  const links = join(home, 'links')
  await mkdir(links)
  const original = join(home, 'original')
  await writeFile(original, 'bytes')
  const bare = await seconds(async () => {
    for (let index = 0; index < count; index += 1) await link(original, join(links, String(index)))
  })
  await platform.close()
  console.log(
    `input of ${count} assets with annotations: ${took.toFixed(2)} s; ${count} links: ${bare.toFixed(2)} s`,
  )
  console.log(`bench jobs input: ratio to the links alone ${(took / bare).toFixed(2)}`)
}

async function lagAndMemory(): Promise<void> {
  const platform = await aPlatform({ reference: await anImage('waiting', true), slots: 100 })
  const training = await aTraining(platform)
  const before = liveMegabytes()
  const run = async (count: number) => {
    const ids = await Promise.all(Array.from({ length: count }, () => platform.request(training)))
    for (const id of ids) await platform.reaches(id, 'RUNNING', 300_000)
    return ids
  }
  const ids = await run(20)
  const lags = { log: [] as number[], progress: [] as number[] }
  const { telemetry } = platform.bus
  platform.bus.telemetry = (schema, init) => {
    const said = init as { text?: string; message?: string } // of the two kinds looked at
    for (const [, at] of (said.text ?? '').matchAll(/at (\d+)/g)) lags.log.push(Date.now() - Number(at))
    for (const [, at] of (said.message ?? '').matchAll(/at (\d+)/g))
      lags.progress.push(Date.now() - Number(at))
    telemetry(schema, init)
  }
  const rounds = 30
  for (let round = 0; round < rounds; round += 1) {
    for (const id of ids) {
      const { root, output } = jobFolders(platform.jobsFolder, id)
      await appendFile(join(root, 'stdout.raw'), `at ${Date.now()}\n`)
      await writeFile(join(output, 'monitor.new'), `t\t1\t0.5\t2\tat ${Date.now()}\n`)
      await rename(join(output, 'monitor.new'), join(output, 'monitor.txt'))
    }
    await delay(200)
  }
  await waitUntil('every line', () => lags.log.length === rounds * ids.length, { timeoutMs: 30_000 })
  const limitMs = 1_000
  console.log(
    `20 jobs: from a line to the news p95 ${p95(lags.log)} ms, from monitor.txt ${p95(lags.progress)} ms`,
  )
  console.log(`bench jobs lag: ratio to the limit of ${limitMs} ms ${(p95(lags.log) / limitMs).toFixed(2)}`)

  ids.push(...(await run(80)))
  await delay(3_000) // the looks of all of them go on
  const megabytes = liveMegabytes() - before
  const start = process.cpuUsage()
  await delay(5_000)
  const { user, system } = process.cpuUsage(start)
  console.log(
    `100 running jobs: ${megabytes.toFixed(1)} MB more in use, ${(process.memoryUsage.rss() / 2 ** 20).toFixed(0)} MB ` +
      `resident in all (limit 1,024), ${((user + system) / 5e4).toFixed(1)} % of a core`,
  )
  console.log(`bench jobs memory: ${(megabytes / 100).toFixed(2)} MB a job`)
  for (const id of ids) await writeFile(join(jobFolders(platform.jobsFolder, id).output, 'go'), 'go\n')
  for (const id of ids) await platform.ends(id, 300_000)
  await platform.close()
}

try {
  await processes()
  const found = await startPodman()
  if ('reason' in found) console.log(`in containers: skipped: ${found.reason}`)
  else await containers(found).finally(() => found.stop())
  await input()
  await lagAndMemory()
} finally {
  await postgres.stop()
  await rm(home, { recursive: true, force: true })
}
