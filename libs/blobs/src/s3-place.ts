import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/** A bucket and how it is reached. */
export interface Bucket {
  readonly bucket: string
  /** Empty, or ends with a slash. */
  readonly prefix: string
  /** Of an S3-compatible server; Amazon's own when absent. */
  readonly endpoint: string | undefined
  readonly region: string
  /** Folder on this machine for what is on its way in and for what was placed: may be emptied while nothing runs. */
  readonly cache: string
  /** Whether those who may see an image are sent to the bucket for it. */
  readonly presign: boolean
}

const known = ['endpoint', 'region', 'cache', 'presign']

export function isBucket(place: string): boolean {
  return place.startsWith('s3://')
}

/** @throws Error that names what is wrong with the address */
export function parseBucket(place: string): Bucket {
  const url = new URL(place)
  const wrong = (problem: string) =>
    new Error(
      `${place} ${problem}: write s3://bucket/prefix?endpoint=https://host&region=name&cache=/folder&presign=true`,
    )
  if (!url.host) throw wrong('names no bucket')
  if (url.username || url.password)
    throw wrong('holds a password; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY instead')
  const stranger = [...url.searchParams.keys()].find((name) => !known.includes(name))
  if (stranger) throw wrong(`has an unknown option "${stranger}"`)
  const prefix = url.pathname.replace(/^\/+|\/+$/g, '')
  return {
    bucket: url.host,
    prefix: prefix && `${prefix}/`,
    endpoint: url.searchParams.get('endpoint') ?? undefined,
    region: url.searchParams.get('region') ?? process.env.AWS_REGION ?? 'us-east-1',
    cache: resolve(url.searchParams.get('cache') ?? join(tmpdir(), 'ymir-blob-cache')),
    presign: url.searchParams.get('presign') === 'true',
  }
}

/**
 * Where browsers are sent for images: the bucket itself, when its addresses are presigned.
 * @param place as for `openBlobs`
 * @returns scheme, host and port, as in a Content-Security-Policy; undefined when the bytes come from the platform
 */
export function presignedOrigin(place: string): string | undefined {
  if (!isBucket(place)) return undefined
  const { bucket, endpoint, region, presign } = parseBucket(place)
  if (!presign) return undefined
  if (endpoint) return new URL(endpoint).origin
  // with a dot in its name Amazon's certificate does not fit the bucket's own host, and the client does not use it
  return bucket.includes('.')
    ? `https://s3.${region}.amazonaws.com`
    : `https://${bucket}.s3.${region}.amazonaws.com`
}
