import { createHash, randomUUID } from 'node:crypto'
import { mkdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { BlobRef } from './blobs.ts'

/**
 * As `put` of the blob store in a folder, and the thread waits for the disk: a small file costs a third of what it does with
 * promises. For threads that have nothing else to do.
 * @param pathOf where a blob lies
 */
export function putNow(bytes: Uint8Array, incoming: string, pathOf: (sha256: string) => string): BlobRef {
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const path = pathOf(sha256)
  const isThere = statSync(path, { throwIfNoEntry: false })?.size === bytes.length && renew(path)
  if (!isThere) write(bytes, join(incoming, randomUUID()), path)
  return { sha256, size: bytes.length }
}

function write(bytes: Uint8Array, temporary: string, path: string): void {
  try {
    withFolder(temporary, () => writeFileSync(temporary, bytes, { flag: 'wx', mode: 0o644 }))
    withFolder(path, () => renameSync(temporary, path))
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}

/** Folders are made when they are missed: asking each time costs a call for each blob. */
function withFolder(path: string, act: () => void): void {
  try {
    act()
  } catch (error) {
    if (!isMissing(error)) throw error
    mkdirSync(dirname(path), { recursive: true })
    act()
  }
}

/** Makes a file as young as if it were written now; false when it has just gone. */
function renew(path: string): boolean {
  const now = new Date()
  try {
    utimesSync(path, now, now)
    return true
  } catch (error) {
    if (!isMissing(error)) throw error
    return false
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
