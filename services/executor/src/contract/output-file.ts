import { constants } from 'node:fs'
import { open, readlink, realpath, type FileHandle } from 'node:fs/promises'
import { sep } from 'node:path'
import { JobProblem } from '../job/failure.ts'
import { onThisMachine, type JobFolders } from './layout.ts'

/**
 * Opens a file that an image wrote. Images are not trusted: what lies there may be a link to something that this
 * service may read and the image may not, or a pipe that nobody ever writes to.
 * @param path as the image sees it, under /out
 * @returns undefined when there is nothing
 * @throws JobProblem CONTRACT_VIOLATION when it is anything but a file within /out
 */
export async function openOutput(path: string, folders: JobFolders): Promise<FileHandle | undefined> {
  const local = onThisMachine(path, folders)
  // without O_NONBLOCK, opening a pipe waits for its writer
  const file = await open(local, constants.O_RDONLY | constants.O_NONBLOCK).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
      if (error.code === 'ELOOP' || error.code === 'ENXIO') throw violation(path, 'is not a file')
      throw error
    },
  )
  if (!file) return undefined
  try {
    if (!(await file.stat()).isFile()) throw violation(path, 'is not a file')
    if (!(await placeOf(file, local)).startsWith((await realpath(folders.output)) + sep))
      throw violation(path, 'is a link that leads out of /out')
    return file
  } catch (error) {
    await file.close()
    throw error
  }
}

/** As `openOutput`; anything but a file within /out counts as nothing. */
export async function findOutput(path: string, folders: JobFolders): Promise<FileHandle | undefined> {
  return openOutput(path, folders).catch((error: unknown) => {
    if (error instanceof JobProblem) return undefined
    throw error
  })
}

/** Whether a folder that an image may have made really lies within /out. */
export async function isWithinOutput(path: string, folders: JobFolders): Promise<boolean> {
  const [real, output] = await Promise.all(
    [onThisMachine(path, folders), folders.output].map((one) => realpath(one).catch(() => undefined)),
  )
  return Boolean(real && output && (real + sep).startsWith(output + sep))
}

/** Asked of the open file, where the system can tell: a path may lead elsewhere by now. */
function placeOf(file: FileHandle, local: string): Promise<string> {
  return process.platform === 'linux' ? readlink(`/proc/self/fd/${file.fd}`) : realpath(local)
}

/**
 * The text of a file that an image wrote.
 * @returns undefined when there is none
 * @throws JobProblem CONTRACT_VIOLATION when it is larger than the limit, or no file within /out
 */
export async function readOutputText(
  path: string,
  folders: JobFolders,
  largestBytes: number,
): Promise<string | undefined> {
  const file = await openOutput(path, folders)
  if (!file) return undefined
  try {
    const { size } = await file.stat()
    if (size > largestBytes) throw violation(path, `has ${size} bytes; at most ${largestBytes} are read`)
    return await file.readFile('utf8')
  } finally {
    await file.close()
  }
}

/** The first bytes of a file that an image wrote, as text. @returns undefined when there is none */
export async function readOutputHead(
  path: string,
  folders: JobFolders,
  bytes: number,
): Promise<string | undefined> {
  const file = await openOutput(path, folders)
  if (!file) return undefined
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(bytes), { position: 0 })
    return buffer.toString('utf8', 0, bytesRead)
  } finally {
    await file.close()
  }
}

const longestLine = 64 * 1024

/**
 * The lines of a file that an image wrote, however large it is.
 * @param longest characters of a line
 * @throws JobProblem CONTRACT_VIOLATION when there is none, or a line is too long to be one
 */
export async function* readOutputLines(
  path: string,
  folders: JobFolders,
  longest = longestLine,
): AsyncGenerator<string> {
  const file = await openOutput(path, folders)
  if (!file) throw notWritten(path)
  let rest = ''
  let number = 1
  // the stream closes the file
  for await (const chunk of file.createReadStream({ encoding: 'utf8' })) {
    const lines = (rest + String(chunk)).split('\n')
    rest = lines.pop() ?? ''
    number += lines.length
    if (rest.length > longest) throw violation(`${path}:${number}`, `is longer than ${longest} characters`)
    yield* lines
  }
  if (rest) yield rest
}

export function notWritten(path: string): JobProblem {
  return violation(path, 'the image ended without writing it')
}

function violation(place: string, problem: string): JobProblem {
  return new JobProblem('CONTRACT_VIOLATION', `${place}: ${problem}`)
}
