import { writeJsonLines, type Blobs } from '@ymir/blobs'
import { JobProblem } from '../job/failure.ts'
import type { JobKind, JobResult } from '../job/job.ts'
import { readCandidates } from './candidates.ts'
import { parseInferenceResult } from './inference-result.ts'
import { inImage, type JobFolders } from './layout.ts'
import { parseMiningResult } from './mining-result.ts'
import { readOutText } from './out-file.ts'
import { readTrainingResult } from './training-result.ts'

/**
 * Reads what an image that ended well left in /out, and stores it.
 * @param savedStages names of the stages whose files were stored
 * @throws JobProblem CONTRACT_VIOLATION with file and line when something is missing or invalid
 */
export async function readOutput(
  kinds: readonly JobKind[],
  folders: JobFolders,
  blobs: Blobs,
  savedStages: ReadonlySet<string>,
): Promise<JobResult> {
  if (kinds.includes('TRAINING')) return { bestStageName: await bestStage(folders, savedStages) }
  const candidates = await readCandidates(folders)
  const store = async (kind: JobKind, path: string, parse: (text: string) => Iterable<unknown>) =>
    kinds.includes(kind) ? writeJsonLines(blobs, parse(await readResult(path, folders))) : undefined
  return {
    scores: await store('MINING', inImage.miningResult, (text) => parseMiningResult(text, candidates)),
    predictions: await store('INFERENCE', inImage.inferResult, (text) =>
      parseInferenceResult(text, candidates),
    ),
  }
}

async function bestStage(folders: JobFolders, savedStages: ReadonlySet<string>): Promise<string> {
  const { stages, bestStageName } = await readTrainingResult(folders)
  const missing = stages.find((stage) => !savedStages.has(stage.name))
  if (!missing) return bestStageName
  throw new JobProblem(
    'CONTRACT_VIOLATION',
    `${inImage.trainingResult}: stage "${missing.name}" names files that are not in ${inImage.outModels}: ` +
      missing.files.join(', '),
  )
}

async function readResult(path: string, folders: JobFolders): Promise<string> {
  const text = await readOutText(path, folders)
  if (text !== undefined) return text
  throw new JobProblem('CONTRACT_VIOLATION', `${path}: the image ended without writing it as a regular file`)
}
