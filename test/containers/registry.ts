import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { importSampleImage, registryUser, sampleImage, type TestRegistry } from '@ymir/executor/testing'
import { waitUntil } from '@ymir/service'
import { expect, test } from 'vitest'
import type { ContainerPlatform } from '../testing/containers.ts'
import { followPull, readImage, registerImage, untilReleased, type RegisteredImage } from '../testing/jobs.ts'
import { whenModelEnded } from '../testing/loop.ts'
import { pictures } from '../testing/shapes.ts'

const slow = 2 ** 21

/** An image of a registry that asks who pulls. */
export function testRegistry(platform: () => ContainerPlatform): void {
  let image: RegisteredImage
  const registry = () => platform().registry as TestRegistry // skipped otherwise
  const reference = () => `${registry().address}/team/private:1`

  /** Pushes a build whose /img-man/training-template.yaml has this line too. */
  async function push(line: string): Promise<void> {
    const { engine } = platform()
    const built = 'localhost/built:latest'
    await importSampleImage(engine, sampleImage, built, (root) =>
      writeFile(join(root, 'img-man/training-template.yaml'), `behave: well\n${line}\n`),
    )
    await registry().take(engine, built, 'team/private:1')
    await engine.engine.getImage(built).remove({ force: true })
  }
  /** @returns the states and progress that a subscriber was pushed */
  async function update() {
    const { client } = platform()
    const mutation = `mutation ($id: ID!) { updateExecutorImage(input: { id: $id }) { executorImage { state } } }`
    await client.ask(mutation, { id: image.id })
    const pull = followPull(client, image.id)
    const told = await pull.toItsEnd()
    pull.stop()
    image = await readImage(client, image.id)
    return told
  }
  const set = (field: string) =>
    platform().client.ask(`mutation ($id: ID!) { ${field} { executorImage { id } } }`, { id: image.id })
  const digestOf = async (id: string) => {
    const query = `query ($id: ID!) { job(id: $id) { imageDigest } }`
    return (await platform().client.ask<{ job: { imageDigest: string } }>(query, { id })).job.imageDigest
  }

  test('without credentials it FAILED, with the registry’s name and what to do', async () => {
    await push('revision: 1')
    image = await registerImage(platform().client, {
      ...{ name: 'private', driver: 'docker', reference: reference() },
    })
    expect(image).toMatchObject({ state: 'FAILED', digest: null, problem: { code: 'PULL_FAILED' } })
    expect(image.problem?.advice).toContain(`sets credentials for ${registry().address}`)
  })

  test('with credentials it is pulled, which is followed, and READY', async () => {
    const mutation = `mutation ($input: SetRegistryCredentialsInput!) {
      setRegistryCredentials(input: $input) { registryCredentials { registry } }
    }`
    await platform().client.ask(mutation, { input: { registry: registry().address, ...registryUser } })
    registry().bytesPerSecond = slow
    const told = await update()
    registry().bytesPerSecond = Infinity
    expect(told[0]).toMatchObject({ state: 'PULLING' })
    expect(told.at(-1)).toMatchObject({ state: 'READY', progress: 1 })
    const numbers = told.map(({ progress }) => progress)
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
    expect(numbers.some((progress) => progress > 0 && progress < 1)).toBe(true)
    expect(image.digest).toMatch(/@sha256:[0-9a-f]{64}$/)
  })

  test('after an update the new digest is current, and a stage of the earlier one is still used with that', async () => {
    const { client, jobs } = platform()
    const earlier = image.digest
    const { id: modelId, jobId } = await jobs.with(image.id).train({ behave: 'well' })
    expect(await jobs.ended(jobId)).toMatchObject({ state: 'SUCCEEDED' })
    const { bestStage } = await whenModelEnded(client, modelId)

    await push('revision: 2')
    await update()
    expect(image).toMatchObject({ state: 'READY', problem: null })
    expect(image.digest).not.toBe(earlier)
    expect(image.revisions.map(({ digest }) => digest)).toEqual([image.digest, earlier])

    const [photo] = await pictures(1, 7)
    const uploadId = await client.upload(photo?.png ?? Buffer.of(), 'photo.png')
    const { inferPhotos } = await client.ask<{ inferPhotos: { inference: { jobId: string } } }>(
      `mutation ($input: InferPhotosInput!) { inferPhotos(input: $input) { inference { jobId } } }`,
      { input: { stageId: bestStage?.id, uploadIds: [uploadId] } },
    )
    const inference = inferPhotos.inference.jobId
    await jobs.reaches(inference, 'SUCCEEDED')
    expect([await digestOf(jobId), await digestOf(inference)]).toEqual([earlier, earlier])
    const next = await jobs.with(image.id).run('exit 1')
    await jobs.ended(next)
    expect(await digestOf(next)).toBe(image.digest)
  })

  test('a job is cancelled while its image is pulled; twice is harmless', async () => {
    const { engine, jobs } = platform()
    await engine.engine.getImage(image.digest ?? '').remove({ force: true })
    registry().bytesPerSecond = slow / 8
    const jobId = await jobs.with(image.id).run(untilReleased)
    const before = registry().given
    await waitUntil('the pull to be under way', () => registry().given > before + 100_000, {
      timeoutMs: 30_000,
    })
    await jobs.reaches(jobId, 'PREPARING')
    const asked = Date.now()
    await jobs.cancel(jobId)
    expect(Date.now() - asked).toBeLessThan(5_000)
    await jobs.cancel(jobId)
    expect(await jobs.ended(jobId)).toMatchObject({ state: 'CANCELLED', failure: null })
    registry().bytesPerSecond = Infinity
  })

  test('a disabled image starts nothing', async () => {
    const { jobs } = platform()
    await set('setExecutorImageEnabled(input: { id: $id, enabled: false })')
    await expect(jobs.with(image.id).run('exit 0')).rejects.toThrow(/disabled/)
    await set('setExecutorImageEnabled(input: { id: $id, enabled: true })')
  })

  test('a registry that is away while the engine has lost the image fails the job: PULL_FAILED', async () => {
    const { engine, jobs } = platform()
    await update()
    await engine.engine.getImage(image.digest ?? '').remove({ force: true })
    await registry().stop()
    const { failure } = await jobs.ended(await jobs.with(image.id).run('exit 0'))
    expect(failure).toMatchObject({
      code: 'PULL_FAILED',
      advice: `See that the engine reaches the registry ${registry().address}, then try again.`,
    })
    expect(failure?.message).toContain(`container image ${reference()}`)
  })
}
