import { constants } from 'node:fs'
import { open, readlink, realpath, type FileHandle } from 'node:fs/promises'
import { sep } from 'node:path'
import { JobProblem } from '../job/failure.ts'
import { onThisMachine, type JobFolders } from './layout.ts'

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants

/**
 * Opens a file that an image wrote. What images write is hostile: a link would lead to files of this machine, a pipe
 * would be waited for without end.
 * @param path as the image sees it, e.g. /out/monitor.txt
 * @returns undefined when it is missing, no regular file, or reached through a link out of /out
 */
export async function openOutFile(path: string, folders: JobFolders): Promise<FileHandle | undefined> {
  const local = onThisMachine(path, folders)
  const file = await open(local, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch(ignoreUnreadable)
  if (!file) return undefined
  try {
    const within = (await realpath(folders.output)) + sep
    if ((await file.stat()).isFile() && (await placeOf(file, local)).startsWith(within)) return file
  } catch (error) {
    await file.close()
    throw error
  }
  await file.close()
  return undefined
}

const largestTextBytes = 256 * 2 ** 20

/**
 * The text of a file that an image wrote; undefined as `openOutFile`.
 * @param maxBytes of a file longer than this only the start is read when `cut`, else it is refused
 * @throws JobProblem CONTRACT_VIOLATION when it is too long
 */
export async function readOutText(
  path: string,
  folders: JobFolders,
  { maxBytes = largestTextBytes, cut = false }: { maxBytes?: number; cut?: boolean } = {},
): Promise<string | undefined> {
  const file = await openOutFile(path, folders)
  if (!file) return undefined
  try {
    const { size } = await file.stat()
    if (size > maxBytes && !cut)
      throw new JobProblem('CONTRACT_VIOLATION', `${path} has ${size} bytes; at most ${maxBytes} are read`)
    const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(size, maxBytes)), { position: 0 })
    return buffer.toString('utf8', 0, bytesRead)
  } finally {
    await file.close()
  }
}

/** Where an open file really lies: a folder of its path may have become a link just before it was opened. */
function placeOf(file: FileHandle, local: string): Promise<string> {
  return process.platform === 'linux' ? readlink(`/proc/self/fd/${file.fd}`) : realpath(local)
}

/** ELOOP: a link; ENXIO: a socket, or a pipe that nobody reads. */
function ignoreUnreadable(error: NodeJS.ErrnoException): undefined {
  const { code = '' } = error
  if (!['ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO', 'EISDIR', 'EACCES'].includes(code)) throw error
}
