import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ManifestEntry } from '../contract/manifest.ts'
import { aPlatform, type Platform } from '../testing/platform.ts'
import { startPodman, type TestEngine } from '../testing/podman.ts'
import {
  importReferenceImage,
  packagesOfDockerfile,
  packagesOfRepository,
} from '../testing/reference-image.ts'
import { DockerDriver } from './docker-driver.ts'

const found = await startPodman()
if ('reason' in found) console.log(`the reference executor in a container is skipped: ${found.reason}`)
const name = 'localhost/ymir-executor-onnx:latest'

test('the image of the reference executor installs the versions that it is tested with', async () => {
  const installed = await packagesOfDockerfile()
  const tested = await packagesOfRepository()
  expect(installed.size).toBeGreaterThan(4)
  for (const [one, version] of installed) expect({ [one]: version }).toEqual({ [one]: tested[one] })
})

describe.skipIf('reason' in found)('the reference executor in a container', { timeout: 180_000 }, () => {
  const engine = found as TestEngine // skipped otherwise
  let platform: Platform

  beforeAll(async () => {
    await importReferenceImage(engine, name)
    const limits = { memoryBytes: 2 ** 31, cpus: 2, processes: 512, openFiles: 4096 }
    const docker = new DockerDriver({ DOCKER_HOST: engine.address }, limits)
    platform = await aPlatform({
      docker,
      reference: name,
      limits: { timeSeconds: 150, outputBytes: 2 ** 30 },
    })
  }, 240_000)
  afterAll(async () => {
    await platform?.close()
    await engine.stop()
  }, 60_000)

  test('says what it can do', () => {
    expect(platform.image).toMatchObject({ kinds: ['TRAINING', 'MINING', 'INFERENCE'] })
  })

  test('trains, without a network and with all capabilities dropped, and its stage infers', async () => {
    const entries: ManifestEntry[] = []
    for (let index = 0; index < 6; index++) entries.push(await aSquare(platform, 8 + 4 * index))
    const versionId = await platform.addVersion(entries)
    const training = await platform.request({
      kinds: ['TRAINING'],
      request: {
        ...{ classNames: ['square'], candidateImages: [], trainingVersionId: versionId },
        validationVersionId: versionId,
        parameters: { network: 'tiny', steps: 6, batch_size: 2, input_size: 64, evaluate_every: 3 },
      },
    })

    const trained = await platform.ends(training, 160_000)
    expect(trained.failure).toBeNull()
    const stages = await platform.events(training, 'ymir.job.stage_saved')
    const best = stages.findLast(({ data }) => data.stageName === trained.result?.bestStageName)
    const files = best?.data.files as { name: string; blob: { sha256: string; size: string } }[]
    expect(files.map(({ name: file }) => file)).toContainEqual(expect.stringMatching(/\.onnx$/))
    const scalars = platform.telemetry.filter(({ type }) => type.includes('scalar'))
    expect(scalars.length).toBeGreaterThan(0)

    const inference = await platform.request({
      kinds: ['INFERENCE'],
      request: {
        ...{ classNames: ['square'], candidateImages: [], candidateVersionId: versionId, parameters: {} },
        stage: {
          name: trained.result?.bestStageName ?? '',
          files: files.map(({ name: file, blob }) => ({ ...blob, name: file, size: Number(blob.size) })),
        },
      },
    })
    const inferred = await platform.ends(inference, 160_000)
    expect(inferred.failure).toBeNull()
    expect(inferred.result?.predictions?.sha256).toMatch(/^[0-9a-f]{64}$/)
  })
})

/** A photo of a white square, `side` pixels wide. */
async function aSquare({ blobs }: Platform, side: number): Promise<ManifestEntry> {
  const square = await sharp({
    create: { width: side, height: side, channels: 3, background: 'white' },
  })
    .png()
    .toBuffer()
  const photo = await sharp({ create: { width: 64, height: 48, channels: 3, background: 'black' } })
    .composite([{ input: square, left: 10, top: 5 }])
    .jpeg()
    .toBuffer()
  const { sha256 } = await blobs.put(photo)
  const box = { x: 10, y: 5, width: side, height: side }
  return { assetId: sha256, format: 'jpg', width: 64, height: 48, annotations: [{ label: 'square', box }] }
}
