import { BadArchive, BadItem } from './problem.ts'
import type { FileEntry } from '../format/format.ts'

/** UTF-8 whether or not the archive says so: most tools write it; bytes that are none are read as Latin-1. */
export function decodeName(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).replaceAll('\\', '/')
  } catch {
    return bytes.toString('latin1').replaceAll('\\', '/')
  }
}

/** @throws BadArchive for a name that leads out of the archive */
export function checkName(file: string): void {
  if (/^([a-z]:)?\//i.test(file) || file.split('/').includes('..') || file.includes('\0'))
    throw new BadArchive({
      file: JSON.stringify(file).slice(1, -1),
      problem: 'is a name that leads out of the archive',
      remedy: 'pack the folder itself, with relative names',
    })
}

export function isLink(file: string, kind: string): BadArchive {
  return new BadArchive({ file, problem: `is a ${kind}`, remedy: 'pack the files themselves' })
}

export function refusedArchive(problem: string, remedy: string): BadArchive {
  return new BadArchive({ file: 'archive', problem, remedy })
}

/** @throws BadItem when the file is larger than allowed */
export function checkSize({ name: file, size }: FileEntry, maxBytes: number): void {
  if (size <= maxBytes) return
  throw new BadItem({
    file,
    found: `${size} bytes`,
    problem: `are more than the ${maxBytes} allowed`,
    remedy: 'make it smaller or leave it out',
  })
}
