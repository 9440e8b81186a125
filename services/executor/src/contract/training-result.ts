import { LineCounter, parseDocument, type Document } from 'yaml'
import { z } from 'zod'
import { JobProblem } from '../job/failure.ts'
import { inImage, type JobFolders } from './layout.ts'
import { notWritten, readOutputText } from './output-file.ts'

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

// every scalar is read as its text: a stage may be called 010, 1.0 or no
const name = z.string()
const files = z.union([z.array(name).min(1, 'names no files'), name.min(1).transform((only) => [only])])
const stageEntry = z.looseObject({ stage_name: name.optional(), files, timestamp: name.optional() })
const stagedFile = z.looseObject({
  best_stage_name: name.optional(),
  model_stages: z
    .record(z.string(), stageEntry)
    .refine((stages) => Object.keys(stages).length > 0, 'has no stage'),
})
const oldestFile = z.looseObject({ model: files })

/** Name of the one stage in a result.yaml of the oldest form. */
const onlyStage = 'default'

/** Keys that images spell in two ways. */
const canonical = new Map([
  ['TP', 'tp'],
  ['FP', 'fp'],
  ['FN', 'fn'],
  ['map', 'mAP'],
])

const largestFileBytes = 2 ** 20

/** @throws JobProblem CONTRACT_VIOLATION when result.yaml is missing or not as the contract has it */
export async function readTrainingResult(folders: JobFolders): Promise<TrainingResult> {
  const text = await readOutputText(inImage.trainingResult, folders, largestFileBytes)
  if (text === undefined) throw notWritten(inImage.trainingResult)
  return parseTrainingResult(text)
}

/**
 * Reads the text of /out/models/result.yaml, also in its oldest form without stages.
 * @throws JobProblem CONTRACT_VIOLATION with the line, or the key at fault
 */
export function parseTrainingResult(text: string): TrainingResult {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, schema: 'failsafe', uniqueKeys: false })
  const [syntaxError] = document.errors
  if (syntaxError)
    throw violation(lines.linePos(syntaxError.pos[0]).line, syntaxError.message.split('\n')[0] ?? '')
  const content = valueOf(document)
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

/** Metrics that are told for the whole file are those of the best stage, where it has none of its own. */
function fromStages({
  model_stages,
  best_stage_name,
  ...whole
}: z.output<typeof stagedFile>): TrainingResult {
  const stages = Object.entries(model_stages).map(([key, entry]): ReportedStage => {
    const { files, timestamp, stage_name, ...rest } = entry
    return { name: stage_name || key, files, savedAt: toNumber(timestamp), metrics: numbersIn(rest) }
  })
  // of two entries with one name the later stands
  const byName = new Map(stages.map((stage) => [stage.name, stage]))
  const best = byName.get(best_stage_name ?? '') ?? bestByMetric([...byName.values()])
  if (best && Object.keys(best.metrics).length === 0)
    byName.set(best.name, { ...best, metrics: numbersIn(whole) })
  return { stages: [...byName.values()], bestStageName: best?.name ?? '' }
}

function fromOldest({ model, ...rest }: z.output<typeof oldestFile>): TrainingResult {
  return { stages: [{ name: onlyStage, files: model, metrics: numbersIn(rest) }], bestStageName: onlyStage }
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
    const number = toNumber(value)
    if (number !== undefined) numbers[canonical.get(key) ?? key] = number
    else if (key === 'metrics' && typeof value === 'object' && value !== null)
      Object.assign(numbers, numbersIn(value as Record<string, unknown>)) // a YAML map
  }
  return numbers
}

function toNumber(text: unknown): number | undefined {
  if (typeof text !== 'string' || text.trim() === '') return undefined
  const value = Number(text)
  return Number.isFinite(value) ? value : undefined
}

/** @throws JobProblem CONTRACT_VIOLATION for aliases that would grow beyond measure */
function valueOf(document: Document): unknown {
  try {
    return document.toJS()
  } catch (error) {
    throw violation(1, error instanceof Error ? error.message : String(error))
  }
}

function violation(line: number, problem: string): JobProblem {
  return new JobProblem('CONTRACT_VIOLATION', `${inImage.trainingResult}:${line}: ${problem}`)
}
