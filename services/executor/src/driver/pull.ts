import { log } from '@ymir/service'
import type Docker from 'dockerode'
import { JobProblem } from '../job/failure.ts'
import type { Fetching } from './driver.ts'

/** Who pulls from a registry. */
export interface Credentials {
  readonly username: string
  readonly password: string
}

/** Who pulls from this registry; undefined: nobody in particular. */
export type CredentialsOf = (registry: string) => Promise<Credentials | undefined>

/** The registry of a container image's reference, by the rule of Docker: `docker.io` when it names none. */
export function registryOf(reference: string): string {
  const [first = '', ...rest] = reference.split('/')
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost')
  return isHost ? first : 'docker.io'
}

/**
 * Pulls a container image.
 * @param reference with a tag or a digest
 * @throws JobProblem IMAGE_MISSING when the registry has no such image, PULL_FAILED when it cannot be had
 */
export async function pullImage(
  engine: Docker,
  reference: string,
  credentialsOf: CredentialsOf,
  { signal, onProgress }: Fetching = {},
): Promise<void> {
  const registry = registryOf(reference)
  // how engines call what was built or imported here: there is no registry behind that name
  if (registry === 'localhost' || reference.startsWith('sha256:'))
    throw missing('it is known by the name of an image that was built on this machine')
  const credentials = await credentialsOf(registry)
  log.info('pulling a container image', { reference })
  const progress = new PullProgress()
  let told = 0
  const refused = await followPull(
    await openPull(
      engine,
      reference,
      credentials && { ...credentials, serveraddress: serverOf(registry) },
      signal,
    ),
    (event) => {
      const now = progress.add(event)
      if (now > told) onProgress?.((told = now))
    },
  ).catch((error: unknown) => {
    signal?.throwIfAborted()
    return reasonOf(error)
  })
  if (refused !== undefined) throw problemOfPull(refused, registry, credentials !== undefined)
}

/** A line of the engine's answer to a pull. */
interface PullEvent {
  readonly id?: string
  readonly status?: string
  readonly progressDetail?: { readonly current?: number; readonly total?: number }
  readonly error?: string
}

/**
 * How far a pull is: the bytes of the layers whose sizes are known, counted for as many of all layers named so far.
 * Podman tells of the sizes once a second only, Docker more often.
 */
export class PullProgress {
  private readonly layers = new Map<string, { current: number; total: number | undefined }>()
  private highest = 0

  /** @returns 0 to 1, never less than before */
  add({ id, status = '', progressDetail = {} }: PullEvent): number {
    if (id && isLayer(status)) {
      const known = this.layers.get(id)
      const total = progressDetail.total || known?.total
      const current = isHere(status) ? (total ?? 1) : (progressDetail.current ?? known?.current ?? 0)
      this.layers.set(id, { current, total: total ?? (isHere(status) ? 1 : undefined) })
    }
    const layers = [...this.layers.values()]
    const sized = layers.filter(({ total }) => total !== undefined)
    const totals = sum(sized.map(({ total = 0 }) => total))
    if (totals > 0) {
      const ofSized = sum(sized.map(({ current, total = 0 }) => Math.min(current, total))) / totals
      this.highest = Math.max(this.highest, (ofSized * sized.length) / layers.length)
    }
    return this.highest
  }
}

/** Docker unpacks a layer after it was downloaded, and counts those bytes again: the download is what takes long. */
function isLayer(status: string): boolean {
  return isHere(status) || ['Pulling fs layer', 'Waiting', 'Downloading'].includes(status)
}

function isHere(status: string): boolean {
  return ['Download complete', 'Pull complete', 'Already exists'].includes(status)
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0)
}

type AuthConfig = Credentials & { readonly serveraddress: string }

function openPull(
  engine: Docker,
  reference: string,
  authconfig: AuthConfig | undefined,
  abortSignal: AbortSignal | undefined,
): Promise<NodeJS.ReadableStream> {
  return engine.pull(reference, { authconfig, abortSignal })
}

/** @returns what the engine says when it could not; Podman answers 200 and tells of the failure within the stream */
async function followPull(
  stream: NodeJS.ReadableStream,
  onEvent: (event: PullEvent) => void,
): Promise<string | undefined> {
  let refused: string | undefined
  let rest = ''
  for await (const chunk of stream) {
    const lines = (rest + String(chunk)).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines.filter((one) => one.trim())) {
      const event = JSON.parse(line) as PullEvent // the engine's API
      refused ??= event.error
      onEvent(event)
    }
  }
  return refused
}

function missing(reason: string): JobProblem {
  return new JobProblem('IMAGE_MISSING', reason)
}

/** The engines tell of what went wrong in words only. */
function problemOfPull(reason: string, registry: string, asSomebody: boolean): JobProblem {
  if (/unauthori[sz]ed|denied|authentication|forbidden/i.test(reason)) {
    const advice = asSomebody
      ? `The registry does not take the credentials that are set for ${registry}: an administrator sets them anew with setRegistryCredentials.`
      : `If the image is private, an administrator sets credentials for ${registry} with setRegistryCredentials; else check its name.`
    return new JobProblem('PULL_FAILED', reason, { advice })
  }
  if (/manifest unknown|name unknown|not found|no such image/i.test(reason)) return missing(reason)
  const advice = `See that the engine reaches the registry ${registry}, then try again.`
  return new JobProblem('PULL_FAILED', reason, { advice })
}

/** Docker Hub's own credentials go by this address. */
function serverOf(registry: string): string {
  return registry === 'docker.io' ? 'https://index.docker.io/v1/' : registry
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
