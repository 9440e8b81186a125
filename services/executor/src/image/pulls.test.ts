import { randomBytes, randomUUID } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { waitUntil } from '@ymir/service'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { jobFolders } from '../contract/layout.ts'
import { DockerDriver } from '../driver/docker-driver.ts'
import { aPlatform, aTraining, sampleImage, type Platform } from '../testing/platform.ts'
import { importSampleImage, startPodman } from '../testing/podman.ts'
import { registryUser, startRegistry, whyNoRegistry } from '../testing/registry.ts'
import { ExecutorImage } from './image.entity.ts'
import { Pulls } from './pulls.ts'
import { registerImage, removeImage, updateImage } from './registry.ts'
import { RegistryCredentials } from './registry-credentials.ts'
import { ExecutorImageRevision } from './revision.entity.ts'

const started = await startParts()
if ('reason' in started) console.log(`tests with a real registry are skipped: ${started.reason}`)

async function startParts() {
  const reason = whyNoRegistry()
  if (reason) return { reason }
  const registries = [await startRegistry(), await startRegistry({ asksForCredentials: true })] as const
  const engine = await startPodman(registries.map(({ address }) => address))
  if (!('reason' in engine)) return { engine, open: registries[0], closed: registries[1] }
  for (const registry of registries) await registry.stop()
  return engine
}

/** Slow enough to be looked at while it goes on: Podman tells of progress once a second. */
const slow = 2 ** 20
const patience = { timeoutMs: 60_000 }

describe.skipIf('reason' in started)('images of a real registry', { timeout: 120_000 }, () => {
  const { engine, open, closed } = started as Exclude<typeof started, { reason: string }> // skipped otherwise
  let platform: Platform
  let credentials: RegistryCredentials

  beforeAll(async () => {
    const ballast = (root: string) => writeFile(join(root, 'ballast'), randomBytes(6 * 2 ** 20))
    await importSampleImage(engine, sampleImage, 'localhost/large:latest', ballast)
    await open.take(engine, 'localhost/large:latest', 'team/large:1')
    await removeFromEngine('localhost/large:latest')
    await importSampleImage(engine, sampleImage, 'localhost/at-hand:latest')
    await open.take(engine, 'localhost/at-hand:latest', 'team/moving:1')
    await closed.take(engine, 'localhost/at-hand:latest', 'team/private:1')
    const limits = { memoryBytes: 2 ** 28, cpus: 1, processes: 256, openFiles: 4096 }
    const docker = new DockerDriver({ DOCKER_HOST: engine.address }, limits, (registry) =>
      credentials.of(registry),
    )
    platform = await aPlatform({ docker, reference: 'localhost/at-hand:latest' })
    credentials = new RegistryCredentials(platform.database, 'the secret of a platform that lives for a test')
  }, 120_000)
  afterAll(async () => {
    await platform?.close()
    await engine.stop()
    await open.stop()
    await closed.stop()
  }, 60_000)

  const register = (reference: string, name: string = randomUUID()) =>
    registerImage(platform, { name, driver: 'docker', reference })
  const imageNow = (id: string) => platform.database.getRepository(ExecutorImage).findOneByOrFail({ id })
  const settled = (id: string) =>
    waitUntil(
      `the pull of image ${id} to end`,
      async () => {
        const image = await imageNow(id)
        return image.state !== 'PULLING' && image
      },
      patience,
    )
  const removeFromEngine = (reference: string) => engine.engine.getImage(reference).remove({ force: true })
  const isInEngine = (reference: string) =>
    engine.engine
      .getImage(reference)
      .inspect()
      .then(
        () => true,
        () => false,
      )
  const saidOf = (id: string): Promise<{ state: string; problem?: { code: string }; digest: string }[]> =>
    platform.database
      .query(
        `select data from outbox where type = 'ymir.executor_image.state_changed.v1'
         and data->>'executorImageId' = $1 order by position`,
        [id],
      )
      .then((rows: { data: never }[]) => rows.map(({ data }) => data))
  const toldOf = (id: string): number[] =>
    platform.telemetry
      .filter(({ type, data }) => type.includes('executor_image.pulled') && data.executorImageId === id)
      .map(({ data }) => data.progress)
  /** @param given what the registry had given before */
  const isUnderWay = (given: number) =>
    waitUntil('the pull to be under way', () => open.given > given + 200_000, patience)

  test('one that must be pulled is registered at once, tells its progress, and is READY with its digest', async () => {
    open.bytesPerSecond = slow
    const registered = await register(`${open.address}/team/large:1`)
    expect(registered).toMatchObject({ state: 'PULLING', progress: 0, kinds: [], digest: null })

    const image = await settled(registered.id)
    open.bytesPerSecond = Infinity
    expect(image).toMatchObject({
      state: 'READY',
      progress: 1,
      problem: null,
      kinds: ['TRAINING', 'MINING', 'INFERENCE'],
      trainingTemplate: { behave: 'well' },
    })
    expect(image.digest).toMatch(new RegExp(`^${open.address}/team/large@sha256:[0-9a-f]{64}$`))
    expect(image.report.map(({ text }) => text)).toContain('start command: bash /usr/bin/start.sh')
    const told = toldOf(image.id)
    expect(told).toEqual(told.toSorted((a, b) => a - b))
    expect(told.filter((progress) => progress > 0 && progress < 1).length).toBeGreaterThan(1)
    expect((await saidOf(image.id)).map(({ state, digest }) => [state, digest])).toEqual([
      ['PULLING', ''],
      ['READY', image.digest],
    ])
  })

  test('a private one fails until the right credentials are set, and says what to do', async () => {
    const { id } = await register(`${closed.address}/team/private:1`)
    const nobody = await settled(id)
    expect(nobody).toMatchObject({ state: 'FAILED', problem: { code: 'PULL_FAILED' } })
    expect(nobody.problem?.advice).toContain(`sets credentials for ${closed.address}`)

    await credentials.set(closed.address, { ...registryUser, password: 'close sesame' }, '')
    expect(await updateImage(platform, nobody)).toMatchObject({ state: 'PULLING', problem: null })
    const refused = await settled(id)
    expect(refused).toMatchObject({ state: 'FAILED', problem: { code: 'PULL_FAILED' } })
    expect(refused.problem?.advice).toContain('sets them anew')
    expect(JSON.stringify([refused, await saidOf(id)])).not.toContain('close sesame')

    await credentials.set(closed.address, registryUser, '')
    await updateImage(platform, refused)
    expect(await settled(id)).toMatchObject({ state: 'READY', problem: null })
    expect((await saidOf(id)).map(({ state }) => state)).toEqual([
      ...['PULLING', 'FAILED', 'PULLING', 'FAILED', 'PULLING', 'READY'],
    ])
  })

  test('one that the registry does not have is missing; a registry that is away failed the pull', async () => {
    const { id: nothing } = await register(`${open.address}/team/nothing:1`)
    expect((await settled(nothing)).problem).toMatchObject({ code: 'IMAGE_MISSING' })
    const { id: away } = await register('127.0.0.1:1/team/sample:1')
    expect((await settled(away)).problem).toMatchObject({ code: 'PULL_FAILED' })
    expect(await platform.database.getRepository(ExecutorImage).findOneBy({ id: away })).toMatchObject({
      kinds: [],
    })
  })

  test('one that is no executor image is pulled and FAILED, with the file at fault', async () => {
    const withoutParts = async (root: string) => {
      for (const part of ['img-man', 'usr/bin/start.sh']) await rm(join(root, part), { recursive: true })
    }
    await importSampleImage(engine, sampleImage, 'localhost/other:latest', withoutParts)
    await open.take(engine, 'localhost/other:latest', 'team/other:1')
    await removeFromEngine('localhost/other:latest')
    const { id } = await register(`${open.address}/team/other:1`)
    const image = await settled(id)
    expect(image).toMatchObject({ state: 'FAILED', problem: { code: 'NOT_AN_EXECUTOR_IMAGE' } })
    expect(image.problem?.message).toContain('/img-man/ has none of training-template.yaml')
    expect(image.problem?.message).toContain('/usr/bin/start.sh: missing, but it is what the image starts')
  })

  test('after an update waiting jobs run what is current, and the earlier revision stays usable', async () => {
    const reference = `${open.address}/team/moving:1`
    const first = await settled((await register(reference)).id)
    const { id: executorImageId } = first
    const running = await platform.request({
      ...(await aTraining(platform, { behave: 'wait' })),
      executorImageId,
    })
    await platform.reaches(running, 'RUNNING', 60_000)
    const waiting = await platform.request({ ...(await aTraining(platform)), executorImageId })

    const changed = (root: string) =>
      writeFile(join(root, 'img-man/training-template.yaml'), 'behave: crash\n')
    await importSampleImage(engine, sampleImage, 'localhost/changed:latest', changed)
    await open.take(engine, 'localhost/changed:latest', 'team/moving:1')
    await removeFromEngine('localhost/changed:latest')
    await updateImage(platform, first)
    const second = await settled(executorImageId)
    expect(second).toMatchObject({ state: 'READY', trainingTemplate: { behave: 'crash' } })
    expect(second.digest).not.toBe(first.digest)
    await updateImage(platform, second)
    await settled(executorImageId)
    const revisions = await platform.database
      .getRepository(ExecutorImageRevision)
      .find({ where: { executorImageId }, order: { createdAt: 'ASC' } })
    expect(revisions.map(({ digest }) => digest)).toEqual([first.digest, second.digest])

    await writeFile(join(jobFolders(platform.jobsFolder, running).output, 'go'), '')
    expect(await platform.ends(running, 60_000)).toMatchObject({
      state: 'SUCCEEDED',
      imageDigest: first.digest,
    })
    expect(await platform.ends(waiting, 60_000)).toMatchObject({
      state: 'FAILED',
      imageDigest: second.digest,
    })
    const earlier = await platform.request({
      ...(await aTraining(platform)),
      ...{ executorImageId, imageDigest: first.digest },
    })
    expect(await platform.ends(earlier, 60_000)).toMatchObject({
      state: 'SUCCEEDED',
      imageDigest: first.digest,
    })
  })

  test('an update that does not succeed leaves the image READY as it was, and says why', async () => {
    const { id } = await settled((await register(`${open.address}/team/moving:1`)).id)
    await platform.database
      .getRepository(ExecutorImage)
      .update({ id }, { reference: `${open.address}/team/nothing:1` })
    await updateImage(platform, { id })
    expect(await settled(id)).toMatchObject({
      state: 'READY',
      kinds: ['TRAINING', 'MINING', 'INFERENCE'],
      problem: { code: 'IMAGE_MISSING' },
    })
  })

  test('a pull that a restart of the service broke off is taken up again', async () => {
    const reference = `${open.address}/team/large:1`
    await removeFromEngine(reference)
    open.bytesPerSecond = slow
    const { given } = open
    const { id } = await register(reference)
    await isUnderWay(given)
    await platform.pulls.stop()
    expect(await imageNow(id)).toMatchObject({ state: 'PULLING' })
    open.bytesPerSecond = Infinity
    const restarted = new Pulls(platform)
    await restarted.start()
    expect(await settled(id)).toMatchObject({ state: 'READY' })
    await restarted.stop()
    expect((await saidOf(id)).map(({ state }) => state)).toEqual(['PULLING', 'READY'])
  })

  test('removing a registration stops its pull, and says so', async () => {
    const reference = `${open.address}/team/large:1`
    await removeFromEngine(reference)
    open.bytesPerSecond = slow
    const { given } = open
    const image = await register(reference)
    await isUnderWay(given)
    await removeImage(platform, image)
    await waitUntil('the engine to break off', () => open.connections() === 0, patience)
    open.bytesPerSecond = Infinity
    expect(await isInEngine(reference)).toBe(false)
    expect(await platform.database.getRepository(ExecutorImage).countBy({ id: image.id })).toBe(0)
    expect((await saidOf(image.id)).at(-1)).toMatchObject({ state: 'FAILED', problem: { code: 'REMOVED' } })
  })

  test('cancelling a job stops its pull', async () => {
    const reference = `${open.address}/team/large:1`
    const { id: executorImageId } = await settled((await register(reference)).id)
    await removeFromEngine(reference)
    open.bytesPerSecond = slow
    const { given } = open
    const id = await platform.request({ ...(await aTraining(platform)), executorImageId })
    await isUnderWay(given)
    await platform.dispatcher.cancel(id)
    expect(await platform.ends(id)).toMatchObject({ state: 'CANCELLED' })
    await waitUntil('the engine to break off', () => open.connections() === 0, patience)
    open.bytesPerSecond = Infinity
    expect(await isInEngine(reference)).toBe(false)
  })
})
