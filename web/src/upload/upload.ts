import { Upload } from 'tus-js-client'

export interface UploadProgress {
  readonly sentBytes: number
  readonly totalBytes: number
}

/** Servers in between often refuse larger requests; also what is sent again at most after a loss. */
const chunkBytes = 16 * 2 ** 20

/**
 * Sends a file to the platform; what was sent of it before, also before a reload of the page, is not sent again.
 * @param name of the file, with its size what it is recognised by
 * @returns the upload's id
 * @throws Error of the transfer once it was tried for two minutes; DOMException AbortError when stopped
 */
export function uploadFile(
  file: Blob,
  name: string,
  { onProgress, signal }: { onProgress?: (progress: UploadProgress) => void; signal?: AbortSignal } = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const upload = new Upload(file, {
      endpoint: '/files/uploads',
      chunkSize: chunkBytes,
      metadata: { filename: name },
      retryDelays: [0, 500, 1_000, 3_000, 10_000, 30_000, 60_000],
      removeFingerprintOnSuccess: true,
      fingerprint: () => Promise.resolve(['ymir', name, file.size, lastModifiedOf(file)].join(' ')),
      onProgress: (sentBytes) => onProgress?.({ sentBytes, totalBytes: file.size }),
      onError: reject,
      onSuccess: () => resolve(upload.url!.split('/').at(-1)!), // it has an address now
    })
    signal?.addEventListener('abort', () => {
      void upload.abort()
      reject(signal.reason as Error)
    })
    void upload.findPreviousUploads().then((previous) => {
      if (previous[0]) upload.resumeFromPreviousUpload(previous[0])
      if (!signal?.aborted) upload.start()
    }, reject)
  })
}

function lastModifiedOf(file: Blob): number {
  return file instanceof File ? file.lastModified : 0
}
