import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { tinyImages } from '../testing/tiny-images.ts'
import type { LabelledImage } from '../objects.ts'
import { train, type TrainedStage, type TrainingParameters, type TrainingRequest } from './train.ts'

const folder = mkdtempSync(`${tmpdir()}/ymir-train-`)
afterAll(() => rmSync(folder, { recursive: true }))

const parameters: TrainingParameters = {
  network: 'tiny',
  steps: 60,
  batchSize: 4,
  learningRate: 0.006,
  warmupSteps: 5,
  weightDecay: 0.1,
  inputSize: 64,
  augmentation: {
    flipHorizontal: true,
    flipVertical: false,
    quarterTurns: false,
    scale: [0.9, 1.1],
    colour: 0.1,
  },
  evaluateEvery: 40,
  seed: 1,
  threads: 1,
  cacheBytes: 2 ** 24,
}

let images: LabelledImage[]
beforeAll(async () => {
  images = await tinyImages(folder, 4)
})

async function run(changes: Partial<TrainingParameters>, more: Partial<TrainingRequest> = {}) {
  const losses: number[] = []
  const stages: TrainedStage[] = []
  const request = { training: images, validation: images, classNames: ['disc', 'square'], ...more }
  const last = await train(
    { ...request, parameters: { ...parameters, ...changes } },
    {
      stepDone: ({ losses: { heat, classes, box } }) => losses.push(heat + classes + box),
      stageReached: (stage) => stages.push(stage),
    },
  )
  return { losses, stages, last }
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

describe('training', () => {
  it('learns four tiny images by heart; resumed, it goes on from there', async () => {
    const first = await run({})
    expect(first.stages.map(({ step }) => step)).toEqual([40, 60])
    expect(first.last.evaluation.map50).toBeGreaterThan(0.9)

    const resumed = await run({ steps: 8 }, { pretrained: first.last.weights })
    expect(mean(resumed.losses)).toBeLessThan(mean(first.losses.slice(0, 8)) / 2)
    expect(resumed.last.evaluation.map50).toBeGreaterThan(0.9)
  }, 60_000)

  it('gives the same losses for the same seed, others for another', async () => {
    const short = { steps: 4, evaluateEvery: 4 }
    const [first, same, other] = [await run(short), await run(short), await run({ ...short, seed: 2 })]
    expect(same.losses).toEqual(first.losses)
    expect(same.last.weights.parameters).toEqual(first.last.weights.parameters)
    expect(other.losses).not.toEqual(first.losses)
  }, 30_000)

  it('goes on with other classes: what was learnt of the known ones is not lost', async () => {
    const pretrained = (await run({ steps: 15 })).last.weights
    const { losses } = await run(
      { steps: 4, evaluateEvery: 4 },
      { pretrained, classNames: ['square', 'ring', 'disc'] },
    )
    const fromScratch = await run({ steps: 4, evaluateEvery: 4 }, { classNames: ['square', 'ring', 'disc'] })
    expect(mean(losses)).toBeLessThan(mean(fromScratch.losses))
  }, 30_000)

  it('ends with a failure when the loss is not a number any more', async () => {
    const training = run({ learningRate: 1e30, warmupSteps: 0 })
    await expect(training).rejects.toMatchObject({
      code: 300201,
      message: expect.stringContaining('learning_rate') as string,
    })
  }, 30_000)
})
