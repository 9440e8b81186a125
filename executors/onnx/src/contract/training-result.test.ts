import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { networkWidths } from '../detector/network.ts'
import { initialWeights } from '../detector/weights.ts'
import type { TrainedStage } from '../training/train.ts'
import { bestOf, keptStages, TrainingResult } from './training-result.ts'

const models = mkdtempSync(join(tmpdir(), 'ymir-models-'))
afterAll(() => rmSync(models, { recursive: true }))

const weights = initialWeights({ widths: networkWidths.tiny, classNames: ['a'] }, () => 0.5)
const stage = (step: number, map50: number): TrainedStage => ({
  step,
  weights,
  model: new Uint8Array(3),
  evaluation: { map50, map: map50 / 2, mar: 0.5, truePositives: 1, falsePositives: 2, falseNegatives: 3 },
})

describe('result.yaml', () => {
  it('always names the best stage, and every stage that it names has its files', () => {
    const path = join(models, 'result.yaml')
    const result = new TrainingResult(models, path, 2)
    const scores = [0.3, 0.9, 0.5, 0.6, 0.4]
    for (const [index, score] of scores.entries()) {
      result.add(stage(index + 1, score))
      const file = parse(readFileSync(path, 'utf8')) as Record<string, never> // looked at key by key below
      const stages = Object.values<{ stage_name: string; files: string[]; mAP: number }>(
        file['model_stages'] ?? {},
      )
      const best = stages.find(({ stage_name }) => stage_name === file['best_stage_name'])
      expect(best?.mAP).toBe(Math.max(...scores.slice(0, index + 1)))
      expect(file['mAP']).toBe(best?.mAP)
      for (const { stage_name, files } of stages)
        for (const name of files)
          expect(existsSync(join(models, stage_name, name)), `${stage_name}/${name}`).toBe(true)
    }
    expect(readdirSync(models).sort()).toEqual(['result.yaml', 'step_2', 'step_4', 'step_5'])
  })
})

describe('stages', () => {
  const named = (...scores: number[]) => scores.map((mAP, name) => ({ name, mAP }))

  it('that are kept: the latest, and the best', () => {
    expect(keptStages(named(0.9, 0.1, 0.2, 0.3), 2).map(({ name }) => name)).toEqual([0, 2, 3])
    expect(keptStages(named(0.1, 0.2, 0.3), 2).map(({ name }) => name)).toEqual([1, 2])
  })

  it('that are equally good: the later is best', () => {
    expect(bestOf(named(0.5, 0.5, 0.4))?.name).toBe(1)
  })
})
