import { randomUUID } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { openBlobs, writeJsonLines, type Blobs } from '@ymir/blobs'
import type { DatasetVersions, ManifestEntry } from '../contract/manifest.ts'
import type { Driver, Gpu, Inspection } from '../driver/driver.ts'
import type { ImageDescription, Template } from '../image/image.ts'
import { reportOn, type ReportLine } from '../image/report.ts'
import { isLoss, JobProblem } from '../job/failure.ts'
import { JobKind, type JobRequest } from '../job/job.ts'
import type { Limits } from '../job/limits.ts'
import { examineAnswers, examineEnding, examineMonitor, examineScalars, examineTraining } from './outcome.ts'
import { broken, kept, noted, type Finding } from './promises.ts'
import { tinyClassNames, tinySet } from './tiny-set.ts'
import { tryJob, type Bench } from './trial.ts'

/** What is to be checked, and how far. */
export interface CheckRequest {
  readonly driver: Driver
  readonly reference: string
  /** Also run jobs; without it only the files under /img-man are looked at. */
  readonly run: boolean
  /** Parameters over those of the templates. */
  readonly parameters: Template
  /** Folder with the files of a model, for images that do not train. */
  readonly model?: string
  readonly gpus: readonly Gpu[]
  readonly limits: Limits
  /** Where the jobs' folders and the generated images are put. */
  readonly home: string
}

/** Told while the check goes on. */
export interface Listener {
  /** A new part begins. */
  part(title: string): void
  finding(finding: Finding): void
  /** A line that the image printed. */
  line(text: string): void
}

/** The check cannot be made as it was asked for; the message says what to ask instead. */
export class BadRequest extends Error {
  override readonly name = 'BadRequest'
}

/**
 * Holds an executor image against the contract, with the code by which the platform runs jobs but without the platform.
 * @throws JobProblem IMAGE_MISSING, ENGINE_LOST (no container engine); BadRequest; the signal's reason when it aborts
 */
export async function checkImage(
  request: CheckRequest,
  listener: Listener,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  const tell = (...some: readonly Finding[]) => {
    findings.push(...some)
    some.forEach(listener.finding)
  }
  const { driver, reference } = request
  listener.part(`what ${reference} says about itself (${driver.name})`)
  const inspection = await inspectHere(driver, reference, listener, signal)
  const { description, lines } = reportOn(inspection)
  tell(...lines.map(findingOf))
  if (!description) return findings
  refuseUnknownParameters(request.parameters, description)
  if (request.run)
    await runJobs({ ...request, description, digest: inspection.digest }, listener, tell, signal)
  return findings
}

async function inspectHere(
  driver: Driver,
  reference: string,
  listener: Listener,
  signal: AbortSignal,
): Promise<Inspection> {
  try {
    return await driver.inspect(reference)
  } catch (error) {
    if (!(error instanceof JobProblem) || error.code !== 'IMAGE_MISSING' || !driver.fetch) throw error
    listener.line(`${reference} is not here: pulling it`)
    await driver.fetch(reference, { signal })
    return driver.inspect(reference)
  }
}

function findingOf({ level, text }: ReportLine): Finding {
  if (level === 'ERROR') return broken(text, 'See docs/executor-images.md, "The folders".')
  return level === 'WARNING' ? noted(text) : kept(text)
}

type Run = CheckRequest & { readonly description: ImageDescription; readonly digest: string | null }
type Tell = (...findings: readonly Finding[]) => void

/** A training, then mining and inference with what came out: those that the image does. */
async function runJobs(run: Run, listener: Listener, tell: Tell, signal: AbortSignal): Promise<void> {
  const blobs = await openBlobs(join(run.home, 'blobs'))
  const manifests = new Map<string, { sha256: string; size: number }>()
  const versions: DatasetVersions = {
    manifestOf: (id) => {
      const manifest = manifests.get(id)
      return manifest ? Promise.resolve(manifest) : Promise.reject(new Error(`there is no set ${id}`))
    },
  }
  const addSet = async (entries: readonly ManifestEntry[]) => {
    const id = randomUUID()
    manifests.set(id, await writeJsonLines(blobs, entries))
    return id
  }
  const bench: Bench = {
    ...{ ...run, blobs, versions, jobsFolder: join(run.home, 'jobs') },
    hear: listener.line,
  }
  const attempt = async (title: string, kinds: readonly JobKind[], more: Partial<JobRequest>) => {
    listener.part(title)
    const parameters = parametersFor(kinds, run)
    const job = { classNames: tinyClassNames, candidateImages: [], parameters, ...more }
    const trial = await tryJob(kinds, job, bench, signal).catch(asFinding)
    if ('verdict' in trial) return void tell(trial)
    const ending = examineEnding(trial)
    tell(ending, ...examineMonitor(trial))
    return ending.verdict === 'kept' ? trial : undefined
  }

  let stage = run.model === undefined ? undefined : await stageIn(run.model, blobs)
  if (run.description.kinds.includes('TRAINING')) {
    const training = await tinySet(blobs, 12, 1)
    const validation = await tinySet(blobs, 5, 2)
    const title = `training on ${training.length} generated images of ${tinyClassNames.join(' and ')}`
    const trial = await attempt(title, ['TRAINING'], {
      ...{ trainingVersionId: await addSet(training), validationVersionId: await addSet(validation) },
    })
    const trained = trial && (await examineTraining(trial, blobs))
    if (trial && trained) tell(...trained.findings, examineScalars(trial))
    if (trained && 'stage' in trained) stage ??= trained.stage
  }

  const candidates = await tinySet(blobs, 6, 3)
  const candidateVersionId = await addSet(candidates)
  const asked = ([['MINING'], ['INFERENCE'], ['MINING', 'INFERENCE']] as const).filter((kinds) =>
    kinds.every((kind) => run.description.kinds.includes(kind)),
  )
  if (asked.length && !stage)
    return tell(
      noted(
        'mining and inference were not tried: there is no model',
        run.description.kinds.includes('TRAINING')
          ? undefined
          : 'Give the files of one with --model <folder>.',
      ),
    )
  for (const kinds of asked) {
    const title = `${kinds.map((kind) => titles[kind]).join(' and ')} of ${candidates.length} generated images`
    const trial = await attempt(title, kinds, { candidateVersionId, stage })
    if (!trial) continue
    tell(...(await examineAnswers(kinds, trial, blobs, candidates, tinyClassNames)).findings)
  }
}

const titles = { MINING: 'mining', INFERENCE: 'inference' } as const

/** What would end the job on the platform; the machine's own troubles are no fault of the image. */
function asFinding(error: unknown): Finding {
  if (!(error instanceof JobProblem) || isLoss(error) || error.code === 'IMAGE_MISSING') throw error
  return broken(error.message, error.advice)
}

/** Known to the platform itself, whether or not a template has them. */
const platformParameters: readonly string[] = ['export_format', 'shm_size', 'time_limit_seconds']

function parametersFor(kinds: readonly JobKind[], { parameters, description }: Run): Template {
  const knows = (key: string) =>
    platformParameters.includes(key) ||
    kinds.some((kind) => Object.hasOwn(description.templates[kind] ?? {}, key))
  return Object.fromEntries(Object.entries(parameters).filter(([key]) => knows(key)))
}

function refuseUnknownParameters(parameters: Template, { templates }: ImageDescription): void {
  const known = [
    ...platformParameters,
    ...Object.values(JobKind).flatMap((kind) => Object.keys(templates[kind] ?? {})),
  ]
  const unknown = Object.keys(parameters).filter((key) => !known.includes(key))
  if (unknown.length)
    throw new BadRequest(`no template has ${unknown.join(', ')}; there are ${[...new Set(known)].join(', ')}`)
}

async function stageIn(folder: string, blobs: Blobs): Promise<NonNullable<JobRequest['stage']>> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: Error) => {
    throw new BadRequest(`the model's folder cannot be read: ${error.message}`)
  })
  const names = entries.filter((entry) => entry.isFile()).map(({ name }) => name)
  if (names.length === 0) throw new BadRequest(`there are no files in ${folder}`)
  const files = []
  for (const name of names) files.push({ name, ...(await blobs.putFile(join(folder, name))) })
  return { name: 'given', files }
}
