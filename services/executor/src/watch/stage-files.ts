import { posix } from 'node:path'
import type { Blobs } from '@ymir/blobs'
import { isPlainName } from '../contract/input.ts'
import { inImage, type JobFolders } from '../contract/layout.ts'
import type { ReportedStage } from '../contract/training-result.ts'
import { JobProblem } from '../job/failure.ts'
import type { StageFile } from '../job/job.ts'
import { openOutFile } from './out-file.ts'

/** A stage whose files are all there. */
export interface CompleteStage {
  readonly stage: ReportedStage
  readonly best: boolean
  /** By name, with the path as the image sees it. */
  readonly files: readonly { readonly name: string; readonly path: string }[]
  /** Changes when the stage or a file of it changes. */
  readonly signature: string
}

/**
 * Finds the files of a stage: in `/out/models/<stage>/`, or directly in `/out/models` (protocol 1.0.0).
 * @returns undefined while one is missing
 * @throws JobProblem CONTRACT_VIOLATION when a name leads out of the folder
 */
export async function findStageFiles(
  stage: ReportedStage,
  best: boolean,
  folders: JobFolders,
): Promise<CompleteStage | undefined> {
  const files: { name: string; path: string }[] = []
  const marks: string[] = []
  for (const name of stage.files) {
    if (!isPlainName(name) || !isPlainName(stage.name))
      throw new JobProblem(
        'CONTRACT_VIOLATION',
        `${inImage.trainingResult}: stage "${stage.name}": "${name}" is no name of a file`,
      )
    const found =
      (await fileAt(posix.join(inImage.outModels, stage.name, name), folders)) ??
      (await fileAt(posix.join(inImage.outModels, name), folders))
    if (!found) return undefined
    files.push({ name, path: found.path })
    marks.push(`${name} ${found.size} ${found.mtimeMs}`)
  }
  return { stage, best, files, signature: JSON.stringify([stage.metrics, stage.savedAt, marks]) }
}

/** Stores the files of a stage. @returns undefined when one vanished or changed meanwhile */
export async function storeStageFiles(
  { files, stage, best, signature }: CompleteStage,
  folders: JobFolders,
  blobs: Blobs,
): Promise<StageFile[] | undefined> {
  const stored: StageFile[] = []
  for (const { name, path } of files) {
    const file = await openOutFile(path, folders)
    if (!file) return undefined
    try {
      stored.push({ name, ...(await blobs.putStream(file.createReadStream({ autoClose: false, start: 0 }))) })
    } finally {
      await file.close()
    }
  }
  const now = await findStageFiles(stage, best, folders)
  return now?.signature === signature ? stored : undefined
}

interface FoundFile {
  readonly path: string
  readonly size: number
  readonly mtimeMs: number
}

async function fileAt(path: string, folders: JobFolders): Promise<FoundFile | undefined> {
  const file = await openOutFile(path, folders)
  try {
    const found = await file?.stat()
    return found && { path, size: found.size, mtimeMs: found.mtimeMs }
  } finally {
    await file?.close()
  }
}
