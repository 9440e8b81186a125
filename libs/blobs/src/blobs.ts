import type { Readable } from 'node:stream'

/** Bytes in the store: the SHA-256 of their content in lower-case hexadecimal, and their length. */
export interface BlobRef {
  readonly sha256: string
  readonly size: number
}

/** What became of a blob that was to go: it is gone, somebody wrote it again lately, or it was not there. */
export type Removal = 'REMOVED' | 'WRITTEN_LATELY' | 'MISSING'

/** What a presigned address gives out. */
export interface Presigned {
  readonly mediaType: string
  /** How long the address works. */
  readonly seconds: number
}

/** Bytes stored once under the hash of their content. Safe for many writers at once: equal bytes are equal files. */
export interface Blobs {
  /** Bytes that are there already are not written again, but count as written now (see `remove`). */
  put(bytes: Uint8Array): Promise<BlobRef>
  /** @throws BlobTooLarge as soon as more than `maxBytes` came; nothing is kept then */
  putStream(bytes: AsyncIterable<Uint8Array>, limits?: { maxBytes?: number }): Promise<BlobRef>
  putFile(path: string): Promise<BlobRef>
  /** @throws BlobMissing */
  get(sha256: string): Promise<Buffer>
  /** A stream of the bytes from `start` to `end`, both inclusive, as in HTTP ranges; BlobMissing arrives as its error. */
  read(sha256: string, range?: { start?: number; end?: number }): Readable
  /** Length in bytes, or undefined when the blob is not there. */
  size(sha256: string): Promise<number | undefined>
  has(sha256: string): Promise<boolean>
  /** Puts the blob at a path outside the store as a hard link, or as a copy across file systems. Read it, never write it. */
  place(sha256: string, path: string): Promise<void>
  /** All blobs, in no order that means anything. */
  list(): AsyncIterable<BlobRef>
  /**
   * Removes a blob, unless somebody wrote it (again) since the time given. A `put` of the same bytes at the same moment
   * either saves the blob or writes it anew: when it has returned, the blob is there. Only garbage collection may call this.
   */
  remove(sha256: string, unlessWrittenSince: Date): Promise<Removal>
  /** An address at which anyone who has it reads the blob for a while; undefined where the store has no such thing. */
  presignedUrl?(sha256: string, what: Presigned): Promise<string>
}

export class BlobMissing extends Error {
  readonly code = 'BLOB_MISSING'
  constructor(readonly sha256: string) {
    super(`blob ${sha256} is not in the store`)
  }
}

export class BlobTooLarge extends Error {
  readonly code = 'BLOB_TOO_LARGE'
  constructor(readonly maxBytes: number) {
    super(`more than the ${maxBytes} bytes allowed`)
  }
}

/** What is no hash never becomes a path or a key. */
export function checkHash(sha256: string): string {
  if (/^[0-9a-f]{64}$/.test(sha256)) return sha256
  throw new Error(`"${sha256}" is not a SHA-256 in lower-case hexadecimal`)
}
