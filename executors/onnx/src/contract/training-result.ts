/** models/ and models/result.yaml: the stages of a training, kept up to date while it goes on. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { stringify } from 'yaml'
import { encodeWeights } from '../detector/safetensors.ts'
import { COUNTED_SCORE } from '../training/evaluation.ts'
import type { TrainedStage } from '../training/train.ts'
import { replaceFile } from './write-file.ts'

/** The contract's names. */
interface StageEntry {
  readonly stage_name: string
  readonly files: readonly string[]
  readonly timestamp: number
  readonly mAP: number
  readonly mAR: number
  readonly tp: number
  readonly fp: number
  readonly fn: number
}

export class TrainingResult {
  private stages: StageEntry[] = []

  /** @param mostStages how many of the latest stages are kept, beside the best */
  constructor(
    private readonly modelsFolder: string,
    private readonly resultFile: string,
    private readonly mostStages: number,
  ) {}

  /** Writes the stage's files, then the result that names them, then removes stages that are kept no longer. */
  add(stage: TrainedStage): void {
    const name = `step_${stage.step}`
    const folder = join(this.modelsFolder, name)
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'model.onnx'), stage.model)
    writeFileSync(join(folder, 'weights.safetensors'), encodeWeights(stage.weights))
    this.stages.push(entryOf(name, stage))
    const kept = keptStages(this.stages, this.mostStages)
    const dropped = this.stages.filter((entry) => !kept.includes(entry))
    this.stages = kept
    this.write()
    for (const { stage_name } of dropped) rmSync(join(this.modelsFolder, stage_name), { recursive: true })
  }

  private write(): void {
    const best = bestOf(this.stages)
    mkdirSync(dirname(this.resultFile), { recursive: true })
    const result = {
      best_stage_name: best?.stage_name,
      mAP: best?.mAP,
      model_stages: Object.fromEntries(this.stages.map((stage) => [stage.stage_name, stage])),
      evaluate_config: { iou_thr: 0.5, conf_thr: COUNTED_SCORE },
    }
    replaceFile(this.resultFile, stringify(result))
  }
}

function entryOf(name: string, { evaluation }: TrainedStage): StageEntry {
  return {
    stage_name: name,
    files: ['model.onnx', 'weights.safetensors'],
    timestamp: Math.floor(Date.now() / 1000),
    mAP: evaluation.map50,
    mAR: evaluation.mar,
    tp: evaluation.truePositives,
    fp: evaluation.falsePositives,
    fn: evaluation.falseNegatives,
  }
}

/** The latest stages, and the best if it is not among them; in their order. */
export function keptStages<Stage extends { readonly mAP: number }>(
  stages: readonly Stage[],
  most: number,
): Stage[] {
  const best = bestOf(stages)
  const latest = stages.slice(-most)
  return stages.filter((stage) => stage === best || latest.includes(stage))
}

/** Of equally good stages the later: it has seen more. */
export function bestOf<Stage extends { readonly mAP: number }>(stages: readonly Stage[]): Stage | undefined {
  return stages.reduce<Stage | undefined>(
    (best, stage) => (best && best.mAP > stage.mAP ? best : stage),
    undefined,
  )
}
