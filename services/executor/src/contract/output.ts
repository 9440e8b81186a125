import { writeJsonLines, type BlobRef, type Blobs } from '@ymir/blobs'
import { JobProblem } from '../job/failure.ts'
import type { JobKind, JobResult } from '../job/job.ts'
import { readCandidates, type Candidates } from './candidates.ts'
import { parseInferenceResult } from './inference-result.ts'
import { inImage, type JobFolders } from './layout.ts'
import { longestDetailsLine, parseMiningDetails } from './mining-details.ts'
import { parseMiningResult } from './mining-result.ts'
import { notWritten, openOutput, readOutputLines, readOutputText } from './output-file.ts'
import { readTrainingResult } from './training-result.ts'

/**
 * Reads what an image that ended well left in /out, and stores it.
 * @param savedStages names of the stages whose files were stored
 * @throws JobProblem CONTRACT_VIOLATION with file and line when something is missing or invalid
 */
export async function readOutput(
  { kinds, classNames }: { readonly kinds: readonly JobKind[]; readonly classNames: readonly string[] },
  folders: JobFolders,
  blobs: Blobs,
  savedStages: ReadonlySet<string>,
): Promise<JobResult> {
  if (kinds.includes('TRAINING')) return { bestStageName: await bestStage(folders, savedStages) }
  const candidates = await readCandidates(folders)
  const scores = kinds.includes('MINING')
    ? await parseMiningResult(readOutputLines(inImage.miningResult, folders), candidates)
    : undefined
  const details = kinds.includes('MINING')
    ? await storeDetails(folders, blobs, candidates, classNames.length)
    : undefined
  const predictions = kinds.includes('INFERENCE')
    ? parseInferenceResult(await readInferenceResult(folders), candidates)
    : undefined
  return {
    scores: scores && (await writeJsonLines(blobs, scores)),
    details,
    predictions: predictions && (await writeJsonLines(blobs, predictions)),
  }
}

/** What an image tells beside its scores, when it does. */
async function storeDetails(
  folders: JobFolders,
  blobs: Blobs,
  candidates: Candidates,
  classCount: number,
): Promise<BlobRef | undefined> {
  const file = await openOutput(inImage.miningDetails, folders)
  if (!file) return undefined
  await file.close()
  const lines = readOutputLines(inImage.miningDetails, folders, longestDetailsLine)
  return writeJsonLines(blobs, parseMiningDetails(lines, candidates, classCount))
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

/** JSON is parsed as one text, and Node.js has none that is longer. */
const largestJsonBytes = 2 ** 29 - 32

async function readInferenceResult(folders: JobFolders): Promise<string> {
  const text = await readOutputText(inImage.inferResult, folders, largestJsonBytes)
  if (text === undefined) throw notWritten(inImage.inferResult)
  return text
}
