import type { GraphClient } from '@ymir/graphql'
import { DomainError } from '@ymir/graphql'
import type { IterationRow, IterationStepRow } from './iteration.entity.ts'

/** From `low` to `high`, with the share of resampled test sets (0..1) that fall between; mAP at IoU 0.5. */
export interface Interval {
  readonly low: number
  readonly high: number
  readonly confidence: number
}

/** What the evaluator says of a model on a round's test set. */
export interface Measured {
  readonly evaluationId: string
  readonly testVersionId: string
  readonly interval: Interval | null
}

/** A gain over the model of an earlier round on the same test set, by the paired bootstrap of the model service. */
export interface Gain extends Interval {
  /** 0: the model at the start. */
  readonly overRound: number
}

/** What a round brought and cost, noted when it has ended. */
export interface RoundRecord {
  /** The model that the round began with; null when it was never evaluated on this test set. */
  readonly start: Measured | null
  readonly measured: Measured | null
  /** Over the last round that gained; null when there is nothing to compare with. */
  readonly gain: Gain | null
  /** Boxes in the labelled images. */
  readonly boxCount: number
  /** Of people, and of vendors that say it: for each the median time of an image times their images; null when nobody is timed. */
  readonly labellingMinutes: number | null
  /** Of mining, training and evaluation, from queue to end. */
  readonly jobMinutes: number
  /** The same times the GPUs that each had. */
  readonly gpuMinutes: number
  /** Names of the vendor or the automatic labeller, and of people. */
  readonly labelledBy: readonly string[]
}

/** A round, as far as the gain of a later one is concerned. */
export interface RecordedRound {
  readonly round: number
  readonly record: Pick<RoundRecord, 'start' | 'measured' | 'gain'>
}

/**
 * Whether a round is better than what it was compared with by more than the noise of the test set. A round that could not
 * be compared counts as better: later ones are compared with it.
 */
export function hasGained({ gain }: Pick<RoundRecord, 'gain'>): boolean {
  return gain === null || gain.low > 0
}

/**
 * What a round must beat: the last that gained, so that small gains add up until they exceed the noise; else the model at
 * the start.
 * @param before the rounds before it, first to last
 * @param own the round, and the model that it began with
 */
export function toBeat(
  before: readonly RecordedRound[],
  own: { readonly round: number; readonly start: Measured | null },
): (Measured & { readonly round: number }) | undefined {
  const best = before.findLast(({ record }) => hasGained(record))
  if (best) return best.record.measured ? { ...best.record.measured, round: best.round } : undefined
  const first = before[0] ? { round: before[0].round, start: before[0].record.start } : own
  return first.start ? { ...first.start, round: first.round - 1 } : undefined
}

/**
 * Asks the graph what a round brought and cost.
 * @param before the recorded rounds before it, first to last
 * @param jobIds its mining jobs
 * @throws DomainError when the graph does not answer
 */
export async function readRecord(
  graph: GraphClient,
  { iteration, steps, jobIds }: RoundToRecord,
  before: readonly RecordedRound[],
): Promise<RoundRecord> {
  const [, , label, , train] = steps
  const found = await graph.query<RecordAnswer>(recordQuery, {
    labelled: label?.versionId,
    labellingTask: label?.outputId,
    model: train?.outputId,
    startModel: iteration.start.modelId,
  })
  const testVersionId = testVersionOf(iteration, train)
  const evaluation = evaluationOn(found.model, testVersionId)
  const measured = measuredOf(evaluation)
  const start = measuredOf(evaluationOn(found.startModel, testVersionId))
  const jobs = [...(await jobsOf(graph, jobIds)), found.model?.job, evaluation?.job]
  return {
    start,
    measured,
    gain: await readGain(graph, toBeat(before, { round: iteration.round, start }), measured),
    boxCount: found.datasetVersion?.annotationCount ?? 0,
    ...costOfLabelling(found.labellingTask),
    ...costOfJobs(jobs.filter((job) => job != null)),
  }
}

export interface RoundToRecord {
  readonly iteration: IterationRow
  /** Of a round that succeeded, PREPARE first. */
  readonly steps: readonly IterationStepRow[]
  /** Its mining jobs. */
  readonly jobIds: readonly string[]
}

/** A person may have chosen another test set for the training. */
export function testVersionOf({ settings }: IterationRow, train: IterationStepRow | undefined): string {
  const chosen = train?.parameters.testVersionId
  return typeof chosen === 'string' ? chosen : settings.testVersionId
}

async function readGain(
  graph: GraphClient,
  before: ReturnType<typeof toBeat>,
  after: Measured | null,
): Promise<Gain | null> {
  if (!before || !after || before.testVersionId !== after.testVersionId) return null
  const ids = { fromId: before.evaluationId, toId: after.evaluationId }
  const { evaluationGain } = await orNothing(
    graph.query<{ evaluationGain: Interval | null }>(gainQuery, ids),
    { evaluationGain: null },
  )
  return evaluationGain && { ...evaluationGain, overRound: before.round }
}

async function jobsOf(graph: GraphClient, jobIds: readonly string[]): Promise<(JobTimes | null)[]> {
  const jobs: (JobTimes | null)[] = []
  for (const id of jobIds) {
    const asked = graph.query<{ job: JobTimes | null }>(jobQuery, { id })
    jobs.push((await orNothing(asked, { job: null })).job)
  }
  return jobs
}

/** What is gone, or was never kept, is not there at the next try either: a round is recorded without it. */
function orNothing<Answer>(asked: Promise<Answer>, nothing: Answer): Promise<Answer> {
  return asked.catch((error: unknown) => {
    const isLasting = error instanceof DomainError && ['NOT_FOUND', 'CONFLICT'].includes(error.code)
    if (isLasting) return nothing
    throw error
  })
}

function evaluationOn(model: ModelAnswer | null, versionId: string): EvaluationAnswer | undefined {
  return model?.evaluations.find(({ state, version }) => state === 'SUCCEEDED' && version.id === versionId)
}

function measuredOf(evaluation: EvaluationAnswer | undefined): Measured | null {
  if (!evaluation) return null
  return {
    evaluationId: evaluation.id,
    testVersionId: evaluation.version.id,
    interval: evaluation.interval,
  }
}

const round1 = (value: number) => Math.round(value * 10) / 10

function costOfLabelling(
  task: RecordAnswer['labellingTask'],
): Pick<RoundRecord, 'labellingMinutes' | 'labelledBy'> {
  const { automaticLabeller = null, vendor = null, labellers = [] } = task ?? {}
  const timed = labellers.filter(({ secondsPerImage }) => secondsPerImage !== null)
  const seconds = timed.map(({ secondsPerImage, answeredCount }) => (secondsPerImage ?? 0) * answeredCount)
  const vendors = [vendor, ...labellers.map((one) => one.vendor)].flatMap((one) => one?.name ?? [])
  const people = labellers.filter((one) => !one.vendor).map(({ user }) => user?.name ?? 'someone')
  return {
    labellingMinutes: timed.length ? round1(sum(seconds) / 60) : null,
    labelledBy: [...new Set(vendors), ...(automaticLabeller ? [automaticLabeller.name] : []), ...people],
  }
}

function costOfJobs(jobs: readonly JobTimes[]): Pick<RoundRecord, 'jobMinutes' | 'gpuMinutes'> {
  const minutes = jobs.map(({ startedAt, finishedAt }) =>
    startedAt && finishedAt ? (Date.parse(finishedAt) - Date.parse(startedAt)) / 60_000 : 0,
  )
  return {
    jobMinutes: round1(sum(minutes)),
    gpuMinutes: round1(sum(minutes.map((one, index) => one * (jobs[index]?.gpuCount ?? 0)))),
  }
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)

const recordQuery = /* GraphQL */ `
  query RoundToRecord($labelled: ID!, $labellingTask: ID!, $model: ID!, $startModel: ID!) {
    datasetVersion(id: $labelled) {
      annotationCount
    }
    labellingTask(id: $labellingTask) {
      automaticLabeller {
        name
      }
      vendor {
        name
      }
      labellers {
        answeredCount
        secondsPerImage
        user {
          name
        }
        vendor {
          name
        }
      }
    }
    model(id: $model) {
      job {
        ...JobTimes
      }
      evaluations {
        ...EvaluationOfRound
      }
    }
    startModel: model(id: $startModel) {
      evaluations {
        ...EvaluationOfRound
      }
    }
  }
  fragment EvaluationOfRound on Evaluation {
    id
    state
    version {
      id
    }
    interval {
      low
      high
      confidence
    }
    job {
      ...JobTimes
    }
  }
  fragment JobTimes on Job {
    startedAt
    finishedAt
    gpuCount
  }
`

const gainQuery = /* GraphQL */ `
  query GainOfRound($fromId: ID!, $toId: ID!) {
    evaluationGain(fromId: $fromId, toId: $toId) {
      low
      high
      confidence
    }
  }
`

const jobQuery = /* GraphQL */ `
  query MiningJobOfRound($id: ID!) {
    job(id: $id) {
      startedAt
      finishedAt
      gpuCount
    }
  }
`

interface JobTimes {
  startedAt: string | null
  finishedAt: string | null
  gpuCount: number
}
interface EvaluationAnswer {
  id: string
  state: string
  version: { id: string }
  interval: Interval | null
  job: JobTimes | null
}
interface ModelAnswer {
  evaluations: EvaluationAnswer[]
  job?: JobTimes | null
}
interface LabellerAnswer {
  answeredCount: number
  secondsPerImage: number | null
  user: { name: string } | null
  vendor: { name: string } | null
}
interface RecordAnswer {
  datasetVersion: { annotationCount: number } | null
  labellingTask: {
    automaticLabeller: { name: string } | null
    vendor: { name: string } | null
    labellers: LabellerAnswer[]
  } | null
  model: ModelAnswer | null
  startModel: ModelAnswer | null
}
