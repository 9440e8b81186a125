import { readJsonLines, type Blobs } from '@ymir/blobs'
import type { AssetPredictions } from '../contract/inference-result.ts'
import { inImage } from '../contract/layout.ts'
import type { ManifestEntry } from '../contract/manifest.ts'
import type { AssetDetails } from '../contract/mining-details.ts'
import type { AssetScore } from '../contract/mining-result.ts'
import { readOutput } from '../contract/output.ts'
import { readOutputLines } from '../contract/output-file.ts'
import { readTrainingResult, type ReportedStage } from '../contract/training-result.ts'
import { JobProblem, problemOfExit } from '../job/failure.ts'
import type { JobKind, JobRequest } from '../job/job.ts'
import { findStageFiles, storeStageFiles } from '../watch/stage-files.ts'
import { broken, kept, noted, type Finding } from './promises.ts'
import type { SeenReport, Trial } from './trial.ts'

const seconds = (trial: Trial) => `${trial.seconds.toFixed(1)} s`

/** How the image ended; the results mean nothing unless it ended well. */
export function examineEnding(trial: Trial): Finding {
  const { ending, monitor } = trial
  if (ending.how === 'lost') return broken(`after ${seconds(trial)} it was gone: ${ending.why}`)
  if (ending.exitCode === 0) return kept(`exit code 0 after ${seconds(trial)}`)
  const told = monitor.findLast(({ report }) => report)?.report
  const { message, advice } = problemOfExit({ ...ending, told })
  return broken(`${message} (after ${seconds(trial)})`, advice)
}

const DONE = 3
const ERROR = 4

/** monitor.txt: the platform survives whatever stands there, but what it cannot read it cannot show. */
export function examineMonitor({ monitor, taskId, ending }: Trial): Finding[] {
  const place = `${inImage.monitor}:1`
  const last = monitor.at(-1)
  if (!last)
    return [noted(`${inImage.monitor} was never written: no progress is shown`, 'Write it now and then.')]
  if (!last.report)
    return [
      noted(
        `${place}: "${last.firstLine.slice(0, 100)}" cannot be read: no progress is shown`,
        'Write: task_id<TAB>Unix seconds<TAB>progress<TAB>state[<TAB>error code[<TAB>message]].',
      ),
    ]
  const told = monitor.flatMap(({ report }) => report ?? [])
  const findings = [
    kept(`${inImage.monitor}: ${told.length} reports, the last with progress ${last.report.progress}`),
    ...oddities(last, taskId),
  ]
  if (told.some(({ progress }, index) => progress < (told[index - 1]?.progress ?? 0)))
    findings.push(noted(`${place}: progress went back; the highest is shown`))
  const well = ending.how === 'exited' && ending.exitCode === 0
  if (well && (last.report.state !== DONE || last.report.progress !== 1))
    findings.push(
      noted(`${place}: the last report is not progress 1 and state 3 (done)`, 'Write it before ending.'),
    )
  if (!well && last.report.state !== ERROR)
    findings.push(
      noted(`${place}: the failure is not told`, 'Write state 4 with an error code and a message.'),
    )
  return findings
}

function oddities({ firstLine }: SeenReport, taskId: string): Finding[] {
  const place = `${inImage.monitor}:1`
  const findings: Finding[] = []
  if (!firstLine.includes('\t')) findings.push(noted(`${place}: spaces for tabs`, 'Separate fields by tabs.'))
  const [told] = firstLine.split(/\s/)
  if (told !== taskId)
    findings.push(noted(`${place}: task_id is "${told}", not "${taskId}"`, 'Take it from config.yaml.'))
  return findings
}

/** TensorBoard's files: optional, and worth having. */
export function examineScalars({ scalars }: Trial): Finding {
  const tags = [...new Set(scalars.map(({ tag }) => tag))]
  if (tags.length === 0) return noted(`${inImage.tensorboard}: no scalars (they are optional)`)
  return kept(`${inImage.tensorboard}: ${scalars.length} values of ${tags.join(', ')}`)
}

/**
 * The results of a training that ended well.
 * @returns the best stage with its files stored, as the platform would keep it
 */
export async function examineTraining(
  { folders }: Trial,
  blobs: Blobs,
): Promise<{ findings: Finding[]; stage?: JobRequest['stage'] }> {
  return examined(async () => {
    const { stages, bestStageName } = await readTrainingResult(folders)
    const saved = new Map<string, NonNullable<JobRequest['stage']>>()
    for (const stage of stages) {
      const found = await findStageFiles(stage, stage.name === bestStageName, folders)
      const files = found && (await storeStageFiles(found, folders, blobs))
      if (files) saved.set(stage.name, { name: stage.name, files })
    }
    await readOutput({ kinds: ['TRAINING'], classNames: [] }, folders, blobs, new Set(saved.keys()))
    const findings = stages.map((stage) =>
      kept(`${inImage.trainingResult}: ${inWords(stage, bestStageName)}`),
    )
    const best = stages.find(({ name }) => name === bestStageName)
    if (!mainMetrics.some((metric) => best?.metrics[metric] !== undefined))
      findings.push(
        noted(
          `${inImage.trainingResult}: stage "${bestStageName}" has none of ${mainMetrics.join(', ')}`,
          'Write mAP, so that models can be compared.',
        ),
      )
    if (stages.length > mostStages)
      findings.push(
        noted(`${inImage.trainingResult}: ${stages.length} stages, ${mostStages} are promised at most`),
      )
    return { findings, stage: saved.get(bestStageName) }
  })
}

const mainMetrics = ['mAP', 'maskAP', 'mIoU']
/** Ten and the best. */
const mostStages = 11

function inWords({ name, files, metrics }: ReportedStage, bestStageName: string): string {
  const numbers = Object.entries(metrics).map(([metric, value]) => `${metric} ${value}`)
  const best = name === bestStageName ? ' (best)' : ''
  return `stage "${name}"${best}: ${[...files, ...numbers].join(', ')}`
}

/** The results of mining or inference that ended well. */
export async function examineAnswers(
  kinds: readonly JobKind[],
  { folders }: Trial,
  blobs: Blobs,
  candidates: readonly ManifestEntry[],
  classNames: readonly string[],
): Promise<{ findings: Finding[] }> {
  return examined(async () => {
    const findings: Finding[] = []
    const { scores, details, predictions } = await readOutput(
      { kinds, classNames },
      folders,
      blobs,
      new Set(),
    )
    if (scores) {
      const read = await all<AssetScore>(blobs, scores.sha256)
      findings.push(...examineScores(read, candidates.length))
      if (!(await isSorted(readOutputLines(inImage.miningResult, folders))))
        findings.push(noted(`${inImage.miningResult}: not highest first; it is sorted here`))
    }
    if (details)
      findings.push(examineDetails(await all<AssetDetails>(blobs, details.sha256), candidates.length))
    if (predictions)
      findings.push(
        ...examinePredictions(await all<AssetPredictions>(blobs, predictions.sha256), candidates, classNames),
      )
    return { findings }
  })
}

function examineScores(scores: readonly AssetScore[], candidateCount: number): Finding[] {
  const found = `${inImage.miningResult}: ${scores.length} of ${candidateCount} candidates have a score`
  if (scores.length === candidateCount) return [kept(found)]
  return [noted(found, 'Score every candidate: what has no score cannot be chosen.')]
}

function examineDetails(details: readonly AssetDetails[], candidateCount: number): Finding {
  const having = (what: string, has: (one: AssetDetails) => boolean) =>
    `${details.filter(has).length} with ${what}`
  const kinds = [
    having('an embedding', ({ embedding }) => embedding !== undefined),
    having('views', ({ views }) => views.length > 0),
  ]
  return kept(
    `${inImage.miningDetails}: ${details.length} of ${candidateCount} candidates are told of, ${kinds.join(', ')}`,
  )
}

async function isSorted(lines: AsyncIterable<string>): Promise<boolean> {
  let before = Infinity
  for await (const line of lines) {
    const score = Number(line.trim().split(/\s+/).at(-1))
    if (line.trim() !== '' && score > before) return false
    before = line.trim() === '' ? before : score
  }
  return true
}

function examinePredictions(
  predictions: readonly AssetPredictions[],
  candidates: readonly ManifestEntry[],
  classNames: readonly string[],
): Finding[] {
  const place = inImage.inferResult
  const boxes = predictions.flatMap(({ annotations }) => annotations)
  const findings = [kept(`${place}: ${boxes.length} boxes on ${predictions.length} candidates`)]
  const strangers = new Set(boxes.map(({ label }) => label).filter((label) => !classNames.includes(label)))
  if (strangers.size)
    findings.push(
      noted(
        `${place}: classes that class_names does not have: ${[...strangers].join(', ')}`,
        'Leave them out.',
      ),
    )
  if (boxes.some(({ score }) => score < 0 || score > 1))
    findings.push(noted(`${place}: scores below 0 or above 1`, 'Give a probability.'))
  const sizes = new Map(candidates.map((entry) => [entry.assetId, entry]))
  const outside = predictions.flatMap(({ assetId, annotations }) => {
    const { width = 0, height = 0 } = sizes.get(assetId) ?? {}
    return annotations.filter(
      ({ box }) => box.x >= width || box.y >= height || box.width <= 0 || box.height <= 0,
    )
  })
  if (outside.length)
    findings.push(
      noted(
        `${place}: ${outside.length} boxes without area or outside their image`,
        'Give pixels, origin top left.',
      ),
    )
  return findings
}

async function all<Value>(blobs: Blobs, sha256: string): Promise<Value[]> {
  const values: Value[] = []
  for await (const value of readJsonLines<Value>(blobs.read(sha256))) values.push(value)
  return values
}

/** What ends a job on the platform is a broken promise here. */
async function examined<Result extends { findings: Finding[] }>(
  examine: () => Promise<Result>,
): Promise<Result | { findings: Finding[] }> {
  try {
    return await examine()
  } catch (error) {
    if (!(error instanceof JobProblem)) throw error
    return { findings: [broken(error.message, remedyOf(error))] }
  }
}

/** The usual advice is to tell the author, who is reading this. */
function remedyOf({ code, advice }: JobProblem): string {
  return code === 'CONTRACT_VIOLATION' ? 'See docs/executor-images.md.' : advice
}
