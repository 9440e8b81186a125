import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  paginateListObjectsV2,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { BlobMissing, type BlobRef, type Blobs, checkHash, type Presigned, type Removal } from './blobs.ts'
import { linkTo, moveIntoPlace } from './folder-blobs.ts'
import { receive } from './incoming.ts'
import type { Bucket } from './s3-place.ts'

/** Up to this length one request carries a blob, and the server checks its SHA-256 before the object is there. */
const putInOneBytes = 16 * 1024 * 1024
/** A blob younger than this need not be made younger: the grace of garbage collection is at least an hour. */
const renewAfterMs = 20 * 60_000
/** A removal takes two requests; a mark older than this is left over from one that died. */
const removalAtMostMs = 60_000

/**
 * The blob store in an S3-compatible bucket: `<prefix><first two hex digits>/<sha256>`. A stream is first written to a file
 * on this machine: its hash is its key, and uploading under another key to copy it later would be a second transfer of up to
 * 5 GB a call, for bytes that are often in the bucket already. An object is there only once its upload is complete, so
 * readers see the whole blob or none.
 */
export function openBucket(bucket: Bucket): Blobs {
  return new BucketBlobs(bucket)
}

class BucketBlobs implements Blobs {
  private readonly client: S3Client
  readonly presignedUrl?: (sha256: string, what: Presigned) => Promise<string>

  constructor(private readonly bucket: Bucket) {
    const { endpoint, region, presign } = bucket
    this.client = new S3Client({
      region,
      ...(endpoint ? { endpoint, forcePathStyle: true } : {}),
      requestChecksumCalculation: 'WHEN_REQUIRED', // we send SHA-256; others do not know the newer default
      responseChecksumValidation: 'WHEN_REQUIRED',
      requestHandler: { connectionTimeout: 5_000, requestTimeout: 60_000 },
    })
    if (presign) this.presignedUrl = (sha256, what) => this.sign(sha256, what)
  }

  async put(bytes: Uint8Array): Promise<BlobRef> {
    if (bytes.length > putInOneBytes) return this.putStream(Readable.from([bytes]))
    const ref = { sha256: createHash('sha256').update(bytes).digest('hex'), size: bytes.length }
    if (!(await this.renew(ref))) await this.putInOne(ref, bytes)
    return ref
  }

  putStream(
    bytes: AsyncIterable<Uint8Array>,
    { maxBytes = Infinity }: { maxBytes?: number } = {},
  ): Promise<BlobRef> {
    return receive(bytes, join(this.bucket.cache, 'incoming'), maxBytes, async (path, ref) => {
      if (await this.renew(ref)) return
      if (ref.size <= putInOneBytes) await this.putInOne(ref, await readFile(path))
      else await this.putInParts(ref, path)
    })
  }

  putFile(path: string): Promise<BlobRef> {
    return this.putStream(createReadStream(path))
  }

  async get(sha256: string): Promise<Buffer> {
    return Buffer.concat(await (await this.fetch(sha256)).toArray())
  }

  read(sha256: string, { start = 0, end }: { start?: number; end?: number } = {}): Readable {
    checkHash(sha256)
    const range = start > 0 || end !== undefined ? `bytes=${start}-${end ?? ''}` : undefined
    const fetched = async function* (this: BucketBlobs) {
      yield* await this.fetch(sha256, range)
    }
    return Readable.from(fetched.call(this), { objectMode: false })
  }

  async size(sha256: string): Promise<number | undefined> {
    return (await this.head(this.keyOf(sha256)))?.ContentLength
  }

  async has(sha256: string): Promise<boolean> {
    return (await this.size(sha256)) !== undefined
  }

  /** Downloads to this machine's cache, where its hash is checked, and links from there; the next time only links. */
  async place(sha256: string, path: string): Promise<void> {
    const { cache } = this.bucket
    const cached = join(cache, checkHash(sha256).slice(0, 2), sha256)
    while (!(await linkTo(cached, path)))
      await receive(await this.fetch(sha256), join(cache, 'incoming'), Infinity, async (file, got) => {
        if (got.sha256 !== sha256) throw new Error(`blob ${sha256} is damaged: its bytes have another hash`)
        await moveIntoPlace(file, cached)
      })
  }

  async *list(): AsyncGenerator<BlobRef> {
    const { bucket: Bucket, prefix: Prefix } = this.bucket
    for await (const page of paginateListObjectsV2({ client: this.client }, { Bucket, Prefix }))
      for (const { Key = '', Size = 0 } of page.Contents ?? []) {
        const sha256 = Key.slice(-64)
        if (/^[0-9a-f]{64}$/.test(sha256) && Key === this.keyOf(sha256)) yield { sha256, size: Size }
      }
  }

  /** Marks the blob as leaving before looking at its age: a writer looks for the mark after making it younger. */
  async remove(sha256: string, unlessWrittenSince: Date): Promise<Removal> {
    const mark = this.markOf(sha256)
    await this.client.send(new PutObjectCommand({ ...this.at(mark), Body: Buffer.from('leaving') }))
    try {
      const found = await this.head(this.keyOf(sha256))
      if (!found) return 'MISSING'
      if (!found.LastModified || found.LastModified >= unlessWrittenSince) return 'WRITTEN_LATELY'
      await this.client.send(new DeleteObjectCommand(this.at(this.keyOf(sha256))))
      return 'REMOVED'
    } finally {
      await this.client.send(new DeleteObjectCommand(this.at(mark)))
    }
  }

  /** Makes an object as young as if it were written now; false when it is not there, or was removed meanwhile. */
  private async renew({ sha256, size }: BlobRef): Promise<boolean> {
    for (;;) {
      const found = await this.head(this.keyOf(sha256))
      if (found?.ContentLength !== size) return false
      const isOld = Date.now() - (found.LastModified?.getTime() ?? 0) > renewAfterMs
      if (!isOld) return true
      if (!(await this.copyOntoItself(sha256))) return false
      // a removal may have ended between the two looks: then the mark is gone, and the object too
      if (!(await this.isLeaving(sha256))) return (await this.size(sha256)) === size
      await delay(200)
    }
  }

  private async copyOntoItself(sha256: string): Promise<boolean> {
    const Key = this.keyOf(sha256)
    const source = `${this.bucket.bucket}/${Key}`.split('/').map(encodeURIComponent).join('/')
    const copy = new CopyObjectCommand({
      ...this.at(Key),
      CopySource: source,
      MetadataDirective: 'REPLACE', // without a change S3 refuses to copy an object onto itself
      Metadata: { renewed: new Date().toISOString() },
    })
    return this.client.send(copy).then(
      () => true,
      (error: unknown) => {
        if (isMissing(error)) return false
        throw error
      },
    )
  }

  private async isLeaving(sha256: string): Promise<boolean> {
    const since = (await this.head(this.markOf(sha256)))?.LastModified
    return since !== undefined && Date.now() - since.getTime() < removalAtMostMs
  }

  private async putInOne({ sha256 }: BlobRef, bytes: Uint8Array): Promise<void> {
    const ChecksumSHA256 = Buffer.from(sha256, 'hex').toString('base64')
    const object = { ...this.at(this.keyOf(sha256)), Body: bytes, ChecksumSHA256, IfNoneMatch: '*' }
    await this.client.send(new PutObjectCommand(object)).catch((error: unknown) => {
      if (!isThereAlready(error)) throw error
    })
  }

  private async putInParts({ sha256 }: BlobRef, path: string): Promise<void> {
    const params = {
      ...this.at(this.keyOf(sha256)),
      Body: createReadStream(path),
      ChecksumAlgorithm: 'SHA256' as const,
      IfNoneMatch: '*',
    }
    const upload = new Upload({ client: this.client, params, partSize: putInOneBytes, queueSize: 2 })
    await upload.done().catch((error: unknown) => {
      if (!isThereAlready(error)) throw error
    })
  }

  private async fetch(sha256: string, Range?: string): Promise<Readable> {
    try {
      const { Body } = await this.client.send(new GetObjectCommand({ ...this.at(this.keyOf(sha256)), Range }))
      return Body as Readable // in Node.js
    } catch (error) {
      throw isMissing(error) ? new BlobMissing(sha256) : error
    }
  }

  private async head(key: string): Promise<HeadObjectCommandOutput | undefined> {
    try {
      return await this.client.send(new HeadObjectCommand(this.at(key)))
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
  }

  private sign(sha256: string, { mediaType, seconds }: Presigned): Promise<string> {
    const object = {
      ...this.at(this.keyOf(sha256)),
      ResponseContentType: mediaType,
      ResponseCacheControl: 'private, max-age=31536000, immutable',
    }
    return getSignedUrl(this.client, new GetObjectCommand(object), { expiresIn: seconds })
  }

  private at(Key: string): { Bucket: string; Key: string } {
    return { Bucket: this.bucket.bucket, Key }
  }

  private keyOf(sha256: string): string {
    return `${this.bucket.prefix}${checkHash(sha256).slice(0, 2)}/${sha256}`
  }

  private markOf(sha256: string): string {
    return `${this.bucket.prefix}leaving/${checkHash(sha256)}`
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof S3ServiceException && ['NotFound', 'NoSuchKey'].includes(error.name)
}

/** Another writer of equal bytes was faster. */
function isThereAlready(error: unknown): boolean {
  return error instanceof S3ServiceException && error.$metadata.httpStatusCode === 412
}
