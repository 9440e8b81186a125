import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { waitUntil } from '@ymir/service'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { jobFolders } from '../contract/layout.ts'
import { ExecutorImage } from '../image/image.entity.ts'
import { describeImage } from '../image/image.ts'
import { registerImage } from '../image/registry.ts'
import { readLog } from '../log/read-log.ts'
import { askEngine, ContainerUsage } from '../resource/container-usage.ts'
import { aPlatform, aTraining, sampleImage, startedOf, type Platform } from '../testing/platform.ts'
import { importSampleImage, startPodman, whyNoNetwork, type TestEngine } from '../testing/podman.ts'
import { printed } from './container-log.ts'
import { DockerDriver } from './docker-driver.ts'
import { nameOf } from './driver.ts'
import { testConformance } from './driver-conformance.ts'
import { engineAddresses, isGone } from './engine.ts'

const found = await startPodman()
if ('reason' in found) console.log(`tests of real containers are skipped: ${found.reason}`)
const name = 'localhost/ymir-sample:latest'

describe.skipIf('reason' in found)('in real containers', () => {
  const engine = found as TestEngine // skipped otherwise
  const limits = { memoryBytes: 2 ** 28, cpus: 1, processes: 256, openFiles: 4096 }
  let platform: Platform
  let driver: DockerDriver

  beforeAll(async () => {
    await importSampleImage(engine, sampleImage, name)
    driver = new DockerDriver({ DOCKER_HOST: engine.address }, limits)
    platform = await aPlatform({ docker: driver, reference: name })
  }, 120_000)
  afterAll(async () => {
    await platform.close()
    await engine.stop()
  }, 60_000)

  describe('as every driver', { timeout: 60_000 }, () => {
    testConformance(() => ({
      newDriver: () => new DockerDriver({ DOCKER_HOST: engine.address }, limits),
      image: { reference: name, digest: null },
      lose: (job) => engine.engine.getContainer(nameOf(job)).remove({ force: true }),
    }))
  })

  const behaving = async (behave: string) => platform.request(await aTraining(platform, { behave }))
  const foldersOf = (id: string) => jobFolders(platform.jobsFolder, id)

  test('an image is described without running it, and its digest is known', async () => {
    const { files, digest } = await driver.inspect(name)
    expect(describeImage(files).kinds).toEqual(['TRAINING', 'MINING', 'INFERENCE'])
    expect(digest).toMatch(/[0-9a-f]{64}/)
    expect(await engine.engine.listContainers({ all: true })).toEqual([])
  })

  test('an image that is not there is missing, in words', async () => {
    await expect(driver.inspect('localhost/nobody/made-this:1')).rejects.toMatchObject({
      code: 'IMAGE_MISSING',
    })
  }, 60_000)

  test('a training runs in a container and leaves its stages, its log and no container', async () => {
    const id = await behaving('well')
    const job = await platform.ends(id, 60_000)
    expect(job.failure).toBeNull()
    expect(job.result).toEqual({ bestStageName: 'epoch_2' })
    expect(await readFile(foldersOf(id).log, 'utf8')).toContain('hello from the sample image')
    await waitUntil(
      'the container to be removed',
      async () => (await engine.engine.listContainers({ all: true })).length === 0,
    )
  }, 90_000)

  test('a crash in a container is told with its exit code and its log', async () => {
    const { failure } = await platform.ends(await behaving('crash'), 60_000)
    expect(failure).toMatchObject({ code: 'USER_CODE', exitCode: 9 })
    expect(failure?.logTail).toContain('Traceback: boom')
  }, 90_000)

  test('what a container writes beside /out counts as well: a job that litters is stopped', async () => {
    const small = await aPlatform({
      ...{ docker: driver, reference: name },
      limits: { timeSeconds: 60, outputBytes: 500_000 },
    })
    const id = await small.request(await aTraining(small, { behave: 'litters' }))
    const { failure } = await small.ends(id, 60_000)
    expect(failure).toMatchObject({ code: 'DISK_FULL' })
    expect(failure?.message).toMatch(/[1-9]\d{5,} to other places in its container/)
    await small.close()
  }, 90_000)

  test('a container has no network, no capabilities, no new privileges, a read-only /in and its limits', async () => {
    const id = await behaving('wait')
    await platform.reaches(id, 'RUNNING', 60_000)
    const { HostConfig, Config, Mounts } = await engine.engine.getContainer(`ymir-job-${id}`).inspect()
    expect(HostConfig).toMatchObject({ NetworkMode: 'none', Memory: 2 ** 28, PidsLimit: 256 })
    expect(HostConfig.SecurityOpt?.join()).toContain('no-new-privileges')
    expect(Config.Labels).toMatchObject({ 'ymir.job': id })
    expect(Object.fromEntries(Mounts.map(({ Destination, RW }) => [Destination, RW]))).toEqual({
      '/in': false,
      '/out': true,
    })
    const pid = (await engine.engine.getContainer(`ymir-job-${id}`).inspect()).State.Pid
    const status = await readFile(`/proc/${pid}/status`, 'utf8')
    expect(status).toMatch(/CapEff:\s+0000000000000000/)
    expect(status).toMatch(/NoNewPrivs:\s+1/)
    await writeFile(join(foldersOf(id).output, 'go'), '')
    expect(await platform.ends(id, 60_000)).toMatchObject({ state: 'SUCCEEDED' })
  }, 120_000)

  test('a container has a network when its image asks for it and an administrator allows it, else none', async ({
    skip,
  }) => {
    const reason = await whyNoNetwork(engine, name)
    if (reason) console.log(`containers have no network here: ${reason}`)
    skip(reason !== undefined, reason)
    const reference = 'localhost/ymir-networked:latest'
    await importSampleImage(engine, sampleImage, reference, (root) =>
      writeFile(join(root, 'img-man/manifest.yaml'), 'network: true\n'),
    )
    const asks = await registerImage(platform, { name: 'asks', driver: 'docker', reference })
    const allow = (id: string) =>
      platform.database.getRepository(ExecutorImage).update({ id }, { networkAllowed: true })
    const interfacesOf = async (executorImageId: string) => {
      const training = await aTraining(platform, { behave: 'wait' })
      const id = await platform.request({ ...training, executorImageId })
      await platform.reaches(id, 'RUNNING', 60_000)
      const { State } = await engine.engine.getContainer(`ymir-job-${id}`).inspect()
      const devices = await readFile(`/proc/${State.Pid}/net/dev`, 'utf8')
      await writeFile(join(foldersOf(id).output, 'go'), '')
      expect(await platform.ends(id, 60_000)).toMatchObject({ state: 'SUCCEEDED' })
      return devices.match(/^ *\w+(?=:)/gm)?.map((name) => name.trim())
    }

    expect(asks).toMatchObject({ asksForNetwork: true, networkAllowed: false })
    expect(await interfacesOf(asks.id)).toEqual(['lo'])
    await allow(platform.image.id)
    expect(await interfacesOf(platform.image.id)).toEqual(['lo'])
    await allow(asks.id)
    expect((await interfacesOf(asks.id))?.length).toBe(2)
  }, 240_000)

  test('a container runs as the user that an administrator sets, and what it writes is collected', async () => {
    const asked = { name: 'another user', driver: 'docker' as const, reference: name }
    const { id: executorImageId } = await registerImage(platform, asked)
    await platform.database
      .getRepository(ExecutorImage)
      .update({ id: executorImageId }, { user: '1234:4321' })
    const id = await platform.request({ ...(await aTraining(platform)), executorImageId })
    const job = await platform.ends(id, 60_000)

    expect(job.failure).toBeNull()
    expect(job.result).toEqual({ bestStageName: 'epoch_2' })
    const { uid, gid } = await stat(join(foldersOf(id).output, 'models/result.yaml'))
    expect([uid, gid]).toEqual([1234, 4321])
  }, 90_000)

  test('a container is adopted after a restart, with its log neither lost nor doubled', async () => {
    const id = await behaving('late')
    await platform.reaches(id, 'RUNNING', 60_000)
    const log = () => readFile(foldersOf(id).log, 'utf8')
    await waitUntil('some log', async () => (await log()).includes('waiting'), { timeoutMs: 20_000 })
    await platform.restart()
    const before = (await log()).length
    await waitUntil('more log', async () => (await log()).length > before, { timeoutMs: 20_000 })
    await writeFile(join(foldersOf(id).output, 'go'), '')
    expect((await platform.ends(id, 60_000)).failure).toMatchObject({ code: 'USER_CODE', exitCode: 7 })
    expect((await log()).match(/hello/g)).toHaveLength(1)
    const told = platform.telemetry
      .filter(({ type, data }) => type.includes('log_written') && data.jobId === id)
      .map(({ data }) => data.text)
    expect(told.join('')).toBe(await log())
  }, 120_000)

  test('a process is known to be of a container or not; of one that is gone nothing is said', async () => {
    const id = await behaving('wait')
    await platform.reaches(id, 'RUNNING', 60_000)
    const job = startedOf(platform, id)
    const { State } = await engine.engine.getContainer(`ymir-job-${id}`).inspect()
    expect(await driver.owns(job, State.Pid)).toBe(true)
    expect(await driver.owns(job, process.pid)).toBe(false)
    await writeFile(join(foldersOf(id).output, 'go'), '')
    await platform.ends(id, 60_000)
    await waitUntil('its process to be gone', async () => (await driver.owns(job, State.Pid)) === undefined)
  }, 120_000)

  test('what a container uses is measured, and its log tells standard output from error', async () => {
    const id = await behaving('loud')
    const measured = await waitUntil(
      'a measurement',
      () =>
        platform.telemetry.find(
          ({ type, data }) => type.includes('resources_measured') && data.jobId === id && data.cpuCores > 0,
        )?.data,
      { timeoutMs: 60_000 },
    )
    expect(measured.cpuCores).toBeLessThan(2)
    expect(Number(measured.memoryBytes)).toBeGreaterThan(100_000)
    expect(Number(measured.memoryLimitBytes)).toBe(2 ** 28)
    expect(measured.processes).toBeGreaterThan(0)
    await writeFile(join(foldersOf(id).output, 'go'), '')
    await platform.ends(id, 60_000)
    const text = async (stream: string) =>
      (await readLog(foldersOf(id).log, 0)).pieces
        .filter((piece) => piece.stream === stream)
        .map((piece) => piece.text)
        .join('')
    expect(await text('STDERR')).toBe('a warning\nan error\n')
    expect(await text('STDOUT')).toContain('hello from the sample image: behave loud\n')
  }, 120_000)

  test('where control groups cannot be seen, the engine is asked what a container uses', async () => {
    const id = await behaving('wait')
    await platform.reaches(id, 'RUNNING', 60_000)
    const container = engine.engine.getContainer(`ymir-job-${id}`)
    const seen = await new ContainerUsage().of(`ymir-job-${id}`, engine.engine)
    const asked = await askEngine(container)
    expect(asked?.memoryLimitBytes).toBe(2 ** 28)
    expect(asked?.memoryLimitBytes).toBe(seen?.memoryLimitBytes)
    expect(Math.abs((asked?.cpuSeconds ?? 0) - (seen?.cpuSeconds ?? -9))).toBeLessThan(2)
    await writeFile(join(foldersOf(id).output, 'go'), '')
    await platform.ends(id, 60_000)
  }, 120_000)

  test('cancelling kills a container that ignores SIGTERM', async () => {
    const id = await behaving('forever')
    await platform.reaches(id, 'RUNNING', 60_000)
    await platform.dispatcher.cancel(id)
    expect(await platform.ends(id)).toMatchObject({ state: 'CANCELLED' })
    await waitUntil(
      'the container to be removed',
      async () => (await engine.engine.listContainers({ all: true })).length === 0,
    )
  }, 120_000)

  test('the engine may be killed under a running job: its container is found again, its log whole', async () => {
    const id = await behaving('late')
    await platform.reaches(id, 'RUNNING', 60_000)
    const log = () => readFile(foldersOf(id).log, 'utf8')
    await waitUntil('some log', async () => (await log()).includes('waiting'), { timeoutMs: 20_000 })
    await engine.kill()
    await writeFile(join(foldersOf(id).output, 'go'), '')
    await engine.restart()
    expect(await platform.ends(id, 60_000)).toMatchObject({ failure: { code: 'USER_CODE', exitCode: 7 } })
    expect((await log()).match(/hello/g)).toHaveLength(1)
    expect((await platform.events(id)).map(({ data }) => data.to)).toEqual([
      ...['QUEUED', 'PREPARING', 'RUNNING', 'FAILED'],
    ])
  }, 120_000)

  test('a job cancelled while the engine is away is over at once, its container when the engine is back', async () => {
    const id = await behaving('forever')
    await platform.reaches(id, 'RUNNING', 60_000)
    await engine.kill()
    const before = Date.now()
    await platform.dispatcher.cancel(id)
    expect(await platform.ends(id)).toMatchObject({ state: 'CANCELLED' })
    expect(Date.now() - before).toBeLessThan(5_000)
    await delay(1_000) // by then the driver has seen that the engine is away
    const stopping = Date.now()
    await platform.restart() // as if the service had been killed before it could end the container
    expect(Date.now() - stopping).toBeLessThan(10_000)
    await engine.restart()
    await platform.dispatcher.sweep()
    expect(await engine.engine.listContainers({ all: true })).toEqual([])
  }, 120_000)

  test('a job whose image has gone from the engine fails, and says which image is missing', async () => {
    await engine.engine.getImage(name).remove({ force: true })
    const { failure } = await platform.ends(await behaving('well'), 60_000)
    expect(failure?.code).toBe('IMAGE_MISSING')
    expect(failure?.message).toMatch(
      /^container image localhost\/ymir-sample:latest \(.*\) is not here and cannot be pulled: /,
    )
  }, 90_000)
})

test('the engine is looked for where DOCKER_HOST says, before anywhere else', () => {
  expect(engineAddresses({ DOCKER_HOST: 'tcp://engine:2375' })).toEqual(['tcp://engine:2375'])
})

test('a container that is removed while Podman is asked about it is gone, not an error of the engine', () => {
  const asked = {
    statusCode: 500,
    toString: () => 'container 59d does not exist in database: no such container',
  }
  expect(isGone(asked)).toBe(true)
  expect(isGone({ statusCode: 500, toString: () => 'no space left on device' })).toBe(false)
})

test('frames of standard output and error are told apart, however the bytes arrive', async () => {
  const frame = (stream: number, text: string) =>
    Buffer.concat([Buffer.from([stream, 0, 0, 0, 0, 0, 0, text.length]), Buffer.from(text)])
  const bytes = Buffer.concat([
    frame(1, 'out '),
    frame(1, 'more\n'),
    frame(2, ''),
    frame(2, 'err\n'),
    frame(1, 'end\n'),
  ])
  for (let size = 1; size <= bytes.length; size += 3) {
    const chunks = async function* () {
      for (let at = 0; at < bytes.length; at += size)
        yield await Promise.resolve(bytes.subarray(at, at + size))
    }
    const texts: [string, string][] = []
    for await (const pieces of printed(chunks()))
      for (const piece of pieces) {
        const last = texts.at(-1)
        if (last?.[0] === piece.stream) last[1] += piece.bytes.toString()
        else texts.push([piece.stream, piece.bytes.toString()])
      }
    expect(texts).toEqual([
      ['STDOUT', 'out more\n'],
      ['STDERR', 'err\n'],
      ['STDOUT', 'end\n'],
    ])
  }
})
