import { createHash } from 'node:crypto'
import type { Blobs } from './blobs.ts'

/** Whether the bytes under a hash are the bytes of that hash; reads them all. BlobMissing when there are none. */
export async function isSound(blobs: Blobs, sha256: string): Promise<boolean> {
  const hash = createHash('sha256')
  for await (const chunk of blobs.read(sha256)) hash.update(chunk as Uint8Array) // streams of blobs hold bytes
  return hash.digest('hex') === sha256
}
