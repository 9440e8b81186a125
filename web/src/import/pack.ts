import { Zip, ZipPassThrough } from 'fflate'

/** A file with its place in the folder that was chosen. */
export interface PlacedFile {
  /** e.g. `cats/images/1.jpg` */
  readonly path: string
  readonly file: File
}

/** Parts of this size are handed to the browser, which keeps them on disk when there are many. */
const partBytes = 8 * 2 ** 20
/** Any time will do; always the same, so that the same files give the same archive and an upload of it goes on. */
const sameTime = new Date(2000, 0, 1)

/**
 * Files as one zip, uncompressed (images are already), without holding more than some megabytes at a time.
 * @param onPacked called with the bytes that are packed so far
 * @throws Error when a file cannot be read, e.g. because it was removed meanwhile
 */
export async function packFiles(
  files: readonly PlacedFile[],
  onPacked: (bytes: number) => void = () => undefined,
  signal?: AbortSignal,
): Promise<Blob> {
  const parts: Blob[] = []
  let waiting: Uint8Array<ArrayBuffer>[] = []
  let waitingBytes = 0
  let failure: unknown
  const zip = new Zip((error, chunk) => {
    if (error) failure = error
    else {
      waiting.push(new Uint8Array(chunk))
      waitingBytes += chunk.length
    }
  })
  const keep = () => {
    parts.push(new Blob(waiting))
    waiting = []
    waitingBytes = 0
  }
  let packed = 0
  for (const { path, file } of [...files].sort((one, other) => (one.path < other.path ? -1 : 1))) {
    const entry = new ZipPassThrough(path)
    entry.mtime = sameTime
    zip.add(entry)
    for await (const chunk of chunksOf(file)) {
      signal?.throwIfAborted()
      entry.push(chunk)
      onPacked((packed += chunk.length))
      if (waitingBytes > partBytes) keep()
    }
    entry.push(new Uint8Array(), true)
    if (failure) throw failure
  }
  zip.end()
  keep()
  return new Blob(parts, { type: 'application/zip' })
}

async function* chunksOf(file: File): AsyncGenerator<Uint8Array> {
  const reader = file.stream().getReader()
  for (let read = await reader.read(); !read.done; read = await reader.read()) yield read.value
}
