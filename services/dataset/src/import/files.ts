import { stat } from 'node:fs/promises'
import type { Files } from '../format/format.ts'
import { Folder } from './folder.ts'
import type { ImportLimits } from './limits.ts'
import { Archive } from './zip/archive.ts'

export type OpenedFiles = Files & { close(): Promise<void> }

/** @throws BadArchive when the path is neither a folder nor a zip archive */
export async function openFiles(path: string, limits: ImportLimits): Promise<OpenedFiles> {
  return (await stat(path)).isDirectory() ? new Folder(path, limits) : Archive.open(path, limits)
}
