import { createHash, randomUUID } from 'node:crypto'
import { mkdir, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type BlobRef, BlobTooLarge } from './blobs.ts'

/**
 * Writes a stream to a file of its own in a folder and hashes it on the way; hands the file on when all is there. Until then
 * nobody sees the bytes, and whatever happens the file is gone afterwards.
 */
export async function receive(
  bytes: AsyncIterable<Uint8Array>,
  folder: string,
  maxBytes: number,
  keep: (path: string, ref: BlobRef) => Promise<void>,
): Promise<BlobRef> {
  await mkdir(folder, { recursive: true })
  const path = join(folder, randomUUID())
  try {
    const ref = await spool(bytes, path, maxBytes)
    await keep(path, ref)
    return ref
  } finally {
    await rm(path, { force: true })
  }
}

async function spool(bytes: AsyncIterable<Uint8Array>, path: string, maxBytes: number): Promise<BlobRef> {
  const hash = createHash('sha256')
  let size = 0
  const file = await open(path, 'wx', 0o644)
  try {
    for await (const chunk of bytes) {
      size += chunk.length
      if (size > maxBytes) throw new BlobTooLarge(maxBytes)
      hash.update(chunk)
      await file.writeFile(chunk)
    }
  } finally {
    await file.close()
  }
  return { sha256: hash.digest('hex'), size }
}
