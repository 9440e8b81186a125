import { open, stat } from 'node:fs/promises'
import type { Files } from '../format/format.ts'
import { Folder } from './folder.ts'
import type { ImportLimits } from './limits.ts'
import { gunzipTar } from './tar/gunzip.ts'
import { block, parseHeader } from './tar/header.ts'
import { TarArchive } from './tar/tar-archive.ts'
import { readAt } from './zip/central-directory.ts'
import { Archive } from './zip/archive.ts'

export type OpenedFiles = Files & { close(): Promise<void> }

/**
 * Opens a folder or an archive: what it is, its first bytes tell and not its name.
 * @param scratch folder for what must be unpacked to be read
 * @throws BadArchive when the path is neither a folder nor a zip, tar or tar.gz archive
 */
export async function openFiles(path: string, limits: ImportLimits, scratch: string): Promise<OpenedFiles> {
  if ((await stat(path)).isDirectory()) return new Folder(path, limits)
  const start = await startOf(path)
  if (start.readUInt16BE(0) === 0x1f8b) return TarArchive.of(await gunzipTar(path, scratch, limits), limits)
  if (parseHeader(start)) return TarArchive.of(await open(path), limits)
  return Archive.open(path, limits)
}

/** The first block, with zeros where the file is shorter. */
async function startOf(path: string): Promise<Buffer> {
  const file = await open(path)
  try {
    return Buffer.concat([await readAt(file, 0, block)], block)
  } finally {
    await file.close()
  }
}
