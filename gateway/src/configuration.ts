import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { presignedOrigin } from '@ymir/blobs'

/** The services behind the graph, in the order in which they are composed. */
export const serviceNames = ['identity', 'dataset', 'model', 'mining', 'labeling', 'executor'] as const
export type ServiceName = (typeof serviceNames)[number]

/** What the gateway is told from outside, by the launcher or by compose. */
export interface GatewayConfiguration {
  readonly host: string
  /** 0: any free port. */
  readonly port: number
  readonly natsUrl: string
  /** Shared by all processes of one platform; signs requests between them. */
  readonly secret: string
  /** Where each service listens, without a path. */
  readonly services: Readonly<Record<string, string>>
  /** Folder of finished and unfinished uploads. */
  readonly uploads: string
  /** Largest upload in bytes. */
  readonly uploadLimit: number
  /** Origins of other web pages that may use the API from a browser. */
  readonly corsOrigins: readonly string[]
  /** Addresses or ranges (CIDR) of proxies before the gateway: only their X-Forwarded-For is believed. */
  readonly trustedProxies: readonly string[]
  /** File of the composed supergraph, read again when it changes. */
  readonly supergraph: string
  /** Folder of the built dashboard; without it the gateway serves no pages. */
  readonly pages?: string
  /** Origin of the bucket to which those who may see an image are sent for it. */
  readonly imageOrigin?: string
}

export const committedSupergraph = fileURLToPath(new URL('../supergraph.graphql', import.meta.url))

const gigabyte = 1024 ** 3

/**
 * Reads the configuration from the environment.
 * @throws Error that names the variable when a required one is missing
 */
export function readConfiguration(environment: NodeJS.ProcessEnv = process.env): GatewayConfiguration {
  const required = (name: string) => {
    const value = environment[name]
    if (!value)
      throw new Error(
        `${name} is not set: start the platform with \`bash ymir.sh start\`, or set it for the gateway`,
      )
    return value
  }
  const secret = required('YMIR_SECRET')
  if (secret.length < 32) throw new Error('YMIR_SECRET is too short: use at least 32 characters')
  const home = resolve(environment.YMIR_HOME ?? 'ymir-data')
  const addresses = serviceNames.map((name) => [name, required(`YMIR_${name.toUpperCase()}_URL`)] as const)
  return {
    host: environment.YMIR_HOST ?? '127.0.0.1',
    port: Number(environment.YMIR_PORT ?? 12001),
    natsUrl: required('YMIR_NATS_URL'),
    secret,
    services: Object.fromEntries(addresses.map(([name, address]) => [name, new URL(address).origin])),
    uploads: resolve(environment.YMIR_UPLOADS ?? join(home, 'uploads')),
    uploadLimit: Number(environment.YMIR_UPLOAD_LIMIT_BYTES ?? 20 * gigabyte),
    corsOrigins: listOf(environment.YMIR_CORS_ORIGINS),
    trustedProxies: listOf(environment.YMIR_TRUSTED_PROXIES),
    supergraph: resolve(environment.YMIR_SUPERGRAPH ?? committedSupergraph),
    ...(environment.YMIR_PAGES ? { pages: resolve(environment.YMIR_PAGES) } : {}),
    imageOrigin: presignedOrigin(environment.YMIR_BLOBS ?? ''),
  }
}

/** What is separated by commas. */
function listOf(text = ''): string[] {
  return text
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean)
}
