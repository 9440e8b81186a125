import type { Blobs } from './blobs.ts'
import { openFolder, openFolderOfThread } from './folder-blobs.ts'
import { isBucket, parseBucket } from './s3-place.ts'

/**
 * Opens the blob store at a place.
 * @param place a folder, or `s3://bucket/prefix?endpoint=https://...&region=...&cache=/folder&presign=true`
 */
export async function openBlobs(place: string): Promise<Blobs> {
  if (!isBucket(place)) return openFolder(place)
  const bucket = parseBucket(place)
  // the AWS client costs 0.3 s and 20 MB: only for those who use it
  const { openBucket } = await import('./s3-blobs.ts')
  return openBucket(bucket)
}

/** As `openBlobs`, for a thread that does nothing else than fill the store: it may be kept while bytes are written. */
export async function openBlobsOfThread(place: string): Promise<Blobs> {
  return isBucket(place) ? openBlobs(place) : openFolderOfThread(place)
}
