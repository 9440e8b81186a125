/** Index files: one image a line. */
import { readFile } from 'node:fs/promises'
import { ExecutorFailure } from './failure.ts'
import { localPath, type JobFolders } from './paths.ts'

export interface IndexedImage {
  /** as the file has it: results name images by it */
  readonly name: string
  /** where it lies on this machine */
  readonly path: string
}

export interface AnnotatedImage extends IndexedImage {
  readonly annotation: string
}

/**
 * `image path<TAB>annotation path` on each line.
 * @throws ExecutorFailure NO_DATA when the file is missing or empty, or a line has no annotation
 */
export async function readTrainingIndex(
  path: string | undefined,
  purpose: string,
  folders: JobFolders,
): Promise<AnnotatedImage[]> {
  const lines = await readLines(path, purpose)
  return lines.map((line, number) => {
    const [name = '', annotation = ''] = line.split('\t')
    if (name === '' || annotation === '')
      throw new ExecutorFailure(
        'NO_DATA',
        `${path}:${number + 1}: "${line}" is not "image path<TAB>annotation path"`,
      )
    return { name, path: localPath(name, folders), annotation: localPath(annotation, folders) }
  })
}

/**
 * One image path a line; what follows a tab is left out.
 * @throws ExecutorFailure NO_DATA when the file is missing or empty
 */
export async function readCandidateIndex(
  path: string | undefined,
  folders: JobFolders,
): Promise<IndexedImage[]> {
  const lines = await readLines(path, 'candidate')
  return lines.map((line) => {
    const [name = ''] = line.split('\t')
    return { name, path: localPath(name, folders) }
  })
}

async function readLines(path: string | undefined, purpose: string): Promise<string[]> {
  if (path === undefined) throw new ExecutorFailure('NO_DATA', `env.yaml names no ${purpose} index file`)
  const lines = (await readText(path, purpose)).split(/\r?\n/).filter((line) => line.trim() !== '')
  if (lines.length === 0)
    throw new ExecutorFailure('NO_DATA', `${path}: no ${purpose} images; choose a set with images in it`)
  return lines
}

async function readText(path: string, purpose: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new ExecutorFailure('NO_DATA', `${path}: the ${purpose} index file cannot be read`, { cause })
  }
}
