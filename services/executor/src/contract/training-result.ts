import { LineCounter, parseDocument } from 'yaml'
import { z } from 'zod'
import { JobProblem } from '../job/failure.ts'
import { inImage, type JobFolders } from './layout.ts'
import { readOutText } from './out-file.ts'

/** A checkpoint as result.yaml tells of it. */
export interface ReportedStage {
  readonly name: string
  /** Names in `/out/models/<stage>/`, or directly in `/out/models`. */
  readonly files: readonly string[]
  readonly metrics: Readonly<Record<string, number>>
  /** Unix seconds; undefined when the image does not say. */
  readonly savedAt?: number
}

export interface TrainingResult {
  readonly stages: readonly ReportedStage[]
  readonly bestStageName: string
}

const name = z.union([z.string(), z.number()]).transform(String)
const files = z.array(name).min(1, 'names no files')
const stageEntry = z.looseObject({
  stage_name: name.optional(),
  files,
  timestamp: z.coerce.number().optional(),
})
const stagedFile = z.looseObject({
  best_stage_name: name.optional(),
  model_stages: z
    .record(z.string(), stageEntry)
    .refine((stages) => Object.keys(stages).length > 0, 'has no stage'),
})
const oldestFile = z.looseObject({ model: files, map: z.coerce.number().optional() })

/** Name of the one stage in a result.yaml of the oldest form. */
const onlyStage = 'default'

/** Keys that images spell in two ways. */
const canonical: Readonly<Record<string, string>> = { TP: 'tp', FP: 'fp', FN: 'fn', map: 'mAP' }

const largestResultBytes = 16 * 2 ** 20

/** @throws JobProblem CONTRACT_VIOLATION when result.yaml is missing or not as the contract has it */
export async function readTrainingResult(folders: JobFolders): Promise<TrainingResult> {
  const text = await readOutText(inImage.trainingResult, folders, { maxBytes: largestResultBytes })
  if (text === undefined)
    throw new JobProblem(
      'CONTRACT_VIOLATION',
      `${inImage.trainingResult}: the image ended without writing it as a regular file`,
    )
  return parseTrainingResult(text)
}

/**
 * Reads the text of /out/models/result.yaml, also in its oldest form without stages.
 * @throws JobProblem CONTRACT_VIOLATION with the line, or the key at fault
 */
export function parseTrainingResult(text: string): TrainingResult {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  const [syntaxError] = document.errors
  if (syntaxError)
    throw violation(lines.linePos(syntaxError.pos[0]).line, syntaxError.message.split('\n')[0] ?? '')
  const content: unknown = document.toJS()
  const lineOf = (path: readonly PropertyKey[]) => {
    for (let length = path.length; length > 0; length -= 1) {
      const node = document.getIn(path.slice(0, length), true)
      const range = (node as { range?: [number] } | undefined)?.range // a YAML node, or undefined
      if (range) return lines.linePos(range[0]).line
    }
    return 1
  }
  const isOldest =
    typeof content === 'object' && content !== null && 'model' in content && !('model_stages' in content)
  const parsed = isOldest
    ? oldestFile.transform(fromOldest).safeParse(content)
    : stagedFile.transform(fromStages).safeParse(content)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const path = issue?.path ?? []
  throw violation(lineOf(path), `${path.join('.') || 'the file'} ${issue?.message ?? 'is not valid'}`)
}

function fromStages({ model_stages, best_stage_name }: z.output<typeof stagedFile>): TrainingResult {
  const stages = Object.entries(model_stages).map(([key, entry]) => {
    const { files, timestamp, stage_name, ...rest } = entry
    return { name: stage_name ?? key, files, savedAt: timestamp, metrics: numbersIn(rest) }
  })
  const named = stages.find((stage) => stage.name === best_stage_name)
  return { stages, bestStageName: (named ?? bestByMetric(stages))?.name ?? '' }
}

function fromOldest({ model, map, ...rest }: z.output<typeof oldestFile>): TrainingResult {
  const metrics = numbersIn({ ...rest, ...(map === undefined ? {} : { mAP: map }) })
  return { stages: [{ name: onlyStage, files: model, metrics }], bestStageName: onlyStage }
}

/** When the image names no best stage: the one with the highest main metric, the later of equals. */
function bestByMetric(stages: readonly ReportedStage[]): ReportedStage | undefined {
  const main = ({ metrics }: ReportedStage) => metrics.mAP ?? metrics.maskAP ?? metrics.mIoU ?? 0
  return stages.reduce<ReportedStage | undefined>(
    (best, stage) => (best && main(best) > main(stage) ? best : stage),
    undefined,
  )
}

/** Numbers, also those inside one level of a `metrics` map. */
function numbersIn(entry: Readonly<Record<string, unknown>>): Record<string, number> {
  const numbers: Record<string, number> = {}
  for (const [key, value] of Object.entries(entry)) {
    if (typeof value === 'number' && Number.isFinite(value)) numbers[canonical[key] ?? key] = value
    else if (key === 'metrics' && typeof value === 'object' && value !== null)
      Object.assign(numbers, numbersIn(value as Record<string, unknown>)) // a YAML map
  }
  return numbers
}

function violation(line: number, problem: string): JobProblem {
  return new JobProblem('CONTRACT_VIOLATION', `${inImage.trainingResult}:${line}: ${problem}`)
}
