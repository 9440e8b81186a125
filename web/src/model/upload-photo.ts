import { Upload } from 'tus-js-client'

const chunkBytes = 16 * 1024 * 1024

/**
 * Uploads one photo; a lost connection is tried again where it broke off.
 * @returns the id of the upload
 */
export function uploadPhoto(photo: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const upload = new Upload(photo, {
      endpoint: '/files/uploads',
      chunkSize: chunkBytes,
      retryDelays: [0, 500, 2_000, 5_000],
      storeFingerprintForResuming: false,
      metadata: { filename: photo.name, filetype: photo.type },
      onError: reject,
      onSuccess: () => resolve(idOf(upload.url)),
    })
    upload.start()
  })
}

function idOf(url: string | null): string {
  return url?.slice(url.lastIndexOf('/') + 1) ?? ''
}
