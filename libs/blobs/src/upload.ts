import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** A finished upload, as the gateway left it. */
export interface Upload {
  readonly path: string
  /** Bytes. */
  readonly size: number
  /** Name of the file where it came from; not to be used as a path. */
  readonly fileName: string
}

/** There is no such upload of this user, or not all of it. */
export class UploadMissing extends Error {
  readonly code = 'UPLOAD_MISSING'
}

/** Beside the bytes of an upload the gateway keeps this (tus file store). */
interface Sidecar {
  readonly size?: number
  readonly metadata?: { readonly userId?: string | null; readonly filename?: string | null }
}

/**
 * Finds a finished upload of a user.
 * @param folder where the gateway stores uploads
 * @throws UploadMissing, which says whether it is unknown or unfinished
 */
export async function findUpload(folder: string, uploadId: string, userId: string): Promise<Upload> {
  const unknown = new UploadMissing(
    `you have no upload ${uploadId}: upload the file first (tus, /files/uploads)`,
  )
  if (!/^[A-Za-z0-9_-]+$/.test(uploadId)) throw unknown
  const path = join(folder, uploadId)
  const text = await readFile(`${path}.json`, 'utf8').catch(() => undefined)
  const file = await stat(path).catch(() => undefined)
  if (!text || !file?.isFile()) throw unknown
  const { size, metadata } = JSON.parse(text) as Sidecar // written by the gateway
  if (metadata?.userId !== userId) throw unknown
  if (size !== file.size)
    throw new UploadMissing(`upload ${uploadId} is not finished: ${file.size} of ${size} bytes are there`)
  return { path, size: file.size, fileName: metadata.filename ?? uploadId }
}
