import { constants, open, readlink, realpath, type FileHandle } from 'node:fs/promises'
import { onThisMachine, type JobFolders } from '../contract/layout.ts'

/** No link is followed, and nobody is waited for at the other end of a pipe. */
const harmless = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

/**
 * Opens a file that an image wrote. The image may put anything there: a link to a file of this machine, a pipe, a folder
 * that is a link.
 * @param path as the image sees it, under /out
 * @returns undefined when there is no regular file that really lies under /out
 */
export async function openOutFile(path: string, folders: JobFolders): Promise<FileHandle | undefined> {
  const local = onThisMachine(path, folders)
  const file = await open(local, harmless).catch(() => undefined)
  if (!file) return undefined
  try {
    // of the open file, where the system tells: the path may lead elsewhere by now
    const real = await readlink(`/proc/self/fd/${file.fd}`).catch(() => realpath(local))
    const inOut = real.startsWith(`${await realpath(folders.output)}/`)
    if (inOut && (await file.stat()).isFile()) return file
  } catch {
    // it is gone again
  }
  await file.close()
  return undefined
}

/** Whether a folder that an image may have made really lies under /out. */
export async function isInOut(path: string, folders: JobFolders): Promise<boolean> {
  const [real, output] = await Promise.all(
    [onThisMachine(path, folders), folders.output].map((one) => realpath(one).catch(() => undefined)),
  )
  return Boolean(real && output && `${real}/`.startsWith(`${output}/`))
}

/** monitor.txt and the like are short: more than this is not read. */
export const longestTextBytes = 2 ** 20

/** The beginning of a text file that an image wrote. */
export async function readOutText(path: string, folders: JobFolders): Promise<string | undefined> {
  const file = await openOutFile(path, folders)
  if (!file) return undefined
  try {
    const { size } = await file.stat()
    const { bytesRead, buffer } = await file.read(Buffer.alloc(Math.min(size, longestTextBytes)), {
      position: 0,
    })
    return buffer.toString('utf8', 0, bytesRead)
  } catch {
    return undefined
  } finally {
    await file.close()
  }
}
