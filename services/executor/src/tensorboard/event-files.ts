import { opendir, stat } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { inImage, onThisMachine, type JobFolders } from '../contract/layout.ts'
import { findOutput, isWithinOutput } from '../contract/output-file.ts'

/** An event file, by its path within /out/tensorboard. */
export interface EventFile {
  readonly path: string
  readonly size: number
}

const mostFiles = 1_000
const mostEntries = 20_000
const deepest = 8

/** Paths of the event files in /out/tensorboard, in order; links are not followed, and of too many the rest is left out. */
export async function eventFilePaths(folders: JobFolders): Promise<string[]> {
  const found: string[] = []
  let entries = 0
  const search = async (folder: string, depth: number): Promise<void> => {
    const place = posix.join(inImage.tensorboard, folder)
    if (depth > deepest || !(await isWithinOutput(place, folders))) return
    const listing = await opendir(onThisMachine(place, folders)).catch(() => undefined)
    if (!listing) return
    for await (const entry of listing) {
      if ((entries += 1) > mostEntries || found.length >= mostFiles) return
      const path = posix.join(folder, entry.name)
      if (entry.isDirectory()) await search(path, depth + 1)
      else if (entry.isFile() && entry.name.includes('tfevents')) found.push(path)
    }
  }
  await search('', 0)
  return found.sort()
}

export async function eventFiles(folders: JobFolders): Promise<EventFile[]> {
  const files: EventFile[] = []
  for (const path of await eventFilePaths(folders)) {
    const found = await stat(join(onThisMachine(inImage.tensorboard, folders), path)).catch(() => undefined)
    if (found) files.push({ path, size: found.size })
  }
  return files
}

/** @returns undefined when it is no event file of the job */
export async function openEventFile(path: string, folders: JobFolders) {
  const whole = posix.join(inImage.tensorboard, path)
  const isWithin = whole.startsWith(`${inImage.tensorboard}/`) && !whole.includes('\0')
  return isWithin && posix.basename(whole).includes('tfevents') ? findOutput(whole, folders) : undefined
}
