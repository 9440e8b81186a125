import { join, resolve } from 'node:path'

/** What a process of the platform is told from outside, by the launcher or by compose. */
export interface Configuration {
  readonly service: string
  readonly host: string
  /** 0: any free port. */
  readonly port: number
  readonly databaseUrl: string
  readonly natsUrl: string
  readonly gatewayUrl: string
  /** Shared by all processes of one platform; signs requests between them. */
  readonly secret: string
  readonly home: string
  /** Where the content-addressed blob store is: a folder, or `s3://bucket/prefix?endpoint=...` (see docs/storage.md). */
  readonly blobs: string
  /** Folder of finished and unfinished uploads. */
  readonly uploads: string
}

/**
 * Reads the configuration from the environment.
 * @throws Error that names the variable when a required one is missing
 */
export function readConfiguration(
  service: string,
  environment: NodeJS.ProcessEnv = process.env,
): Configuration {
  const required = (name: string) => {
    const value = environment[name]
    if (!value)
      throw new Error(
        `${name} is not set: start the platform with \`bash ymir.sh start\`, or set it for ${service}`,
      )
    return value
  }
  const home = resolve(environment.YMIR_HOME ?? 'ymir-data')
  const secret = required('YMIR_SECRET')
  if (secret.length < 32) throw new Error('YMIR_SECRET is too short: use at least 32 characters')
  return {
    service,
    host: environment.YMIR_HOST ?? '127.0.0.1',
    port: Number(environment.YMIR_PORT ?? 0),
    databaseUrl: required('YMIR_DATABASE_URL'),
    natsUrl: required('YMIR_NATS_URL'),
    gatewayUrl: required('YMIR_GATEWAY_URL'),
    secret,
    home,
    blobs: blobPlace(environment.YMIR_BLOBS ?? join(home, 'blobs'), home),
    uploads: resolve(environment.YMIR_UPLOADS ?? join(home, 'uploads')),
  }
}

/** A folder as it is, absolute; a bucket with a cache on the disk of the home folder. */
function blobPlace(place: string, home: string): string {
  if (!place.startsWith('s3://')) return resolve(place)
  const url = new URL(place)
  if (!url.searchParams.has('cache')) url.searchParams.set('cache', join(home, 'blob-cache'))
  return url.href
}
