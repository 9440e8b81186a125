import { join } from 'node:path'
import { blobsOf, root } from '../home.ts'

/** A program of the platform: it obeys the environment below, answers GET /health and ends on SIGTERM. */
export interface ServiceDescription {
  readonly name: string
  /** Its main file, absolute. */
  readonly entry: string
}

const service = (name: string): ServiceDescription => ({
  name,
  entry: join(root, 'services', name, 'src', 'main.ts'),
})

/** All programs of the platform. The one named `gateway` is the door: its port is the one that people know. */
export const platformServices: readonly ServiceDescription[] = [
  service('identity'),
  service('dataset'),
  service('model'),
  service('mining'),
  service('labeling'),
  service('executor'),
  { name: 'gateway', entry: join(root, 'gateway', 'src', 'main.ts') },
]

export interface Surroundings {
  readonly home: string
  readonly databaseUrl: string
  readonly natsUrl: string
  /** Port of each service by name, the gateway's included. */
  readonly ports: ReadonlyMap<string, number>
  /** Signs requests between the services. */
  readonly secret: string
  /** Where the gateway listens; services are for this machine only. */
  readonly gatewayHost: string
}

/** What every program of the platform is told; docker-compose.yml tells the same. */
export function environmentOf(
  name: string,
  { home, databaseUrl, natsUrl, secret, ports, gatewayHost }: Surroundings,
) {
  const urlOf = (service: string) => `http://127.0.0.1:${ports.get(service)}`
  const own = {
    YMIR_SERVICE: name,
    YMIR_HOST: name === 'gateway' ? gatewayHost : '127.0.0.1',
    YMIR_PORT: String(ports.get(name)),
    YMIR_DATABASE_URL: databaseUrl,
    YMIR_NATS_URL: natsUrl,
    YMIR_GATEWAY_URL: urlOf('gateway'),
    YMIR_SECRET: secret,
    YMIR_HOME: home,
    YMIR_BLOBS: blobsOf(home),
    YMIR_UPLOADS: join(home, 'uploads'),
  }
  if (name !== 'gateway') return own
  const subgraphs = [...ports.keys()].filter((service) => service !== 'gateway')
  return {
    ...own,
    ...Object.fromEntries(subgraphs.map((service) => [`YMIR_${service.toUpperCase()}_URL`, urlOf(service)])),
  }
}
