import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { log } from '@ymir/service'
import Docker from 'dockerode'
import { JobProblem } from '../job/failure.ts'
import type { Launch } from './driver.ts'

/** Where a container engine may listen: DOCKER_HOST, else the usual sockets of Docker and Podman that are there. */
export function engineAddresses(environment: NodeJS.ProcessEnv): string[] {
  if (environment.DOCKER_HOST) return [environment.DOCKER_HOST]
  const { XDG_RUNTIME_DIR } = environment
  return [
    '/var/run/docker.sock',
    '/run/podman/podman.sock',
    ...(XDG_RUNTIME_DIR
      ? [join(XDG_RUNTIME_DIR, 'docker.sock'), join(XDG_RUNTIME_DIR, 'podman/podman.sock')]
      : []),
  ]
    .filter((path) => existsSync(path))
    .map((path) => `unix://${path}`)
}

/**
 * Connects to the first container engine that answers.
 * @throws JobProblem ENGINE_LOST when none does
 */
export async function connectToEngine(environment: NodeJS.ProcessEnv): Promise<Docker> {
  const addresses = engineAddresses(environment)
  for (const address of addresses) {
    const engine = clientOf(address)
    try {
      await engine.ping()
      return engine
    } catch (error) {
      log.warn(
        `no container engine answers at ${address}: ${error instanceof Error ? error.message : String(error)}`,
      )
    }
  }
  throw new JobProblem('ENGINE_LOST', 'no container engine was found', {
    advice: 'Install Docker or Podman, start it, and set DOCKER_HOST if it listens at an unusual place.',
  })
}

function clientOf(address: string): Docker {
  const socket = /^unix:\/\/(.+)$/.exec(address)?.[1]
  if (socket) return new Docker({ socketPath: socket })
  const { hostname, port, protocol } = new URL(address)
  return new Docker({
    host: hostname,
    port: Number(port) || 2375,
    protocol: protocol === 'https:' ? 'https' : 'http',
  })
}

/** The engine's answer has this HTTP status, e.g. 404 for a container that is not there. */
export function hasStatus(error: unknown, ...statuses: readonly number[]): boolean {
  const { statusCode } = error as { statusCode?: number } // dockerode's errors have it
  return statusCode !== undefined && statuses.includes(statusCode)
}

/** The engine did not answer at all: it is not there, or went away while it was asked. */
export function isAway(error: unknown): boolean {
  if (error instanceof JobProblem) return error.code === 'ENGINE_LOST'
  const { code = '', statusCode } = error as NodeJS.ErrnoException & { statusCode?: number } // of node or dockerode
  return (
    statusCode === undefined && ['ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'EPIPE', 'ETIMEDOUT'].includes(code)
  )
}

/**
 * Makes sure that a container image is at hand, the very one where the digest is known; pulls it when it is not.
 * @throws JobProblem IMAGE_MISSING with what the engine says
 */
export async function ensureImage(
  engine: Docker,
  { reference, digest }: Launch['image'],
): Promise<Docker.ImageInspectInfo> {
  const exact = digest ?? reference
  const image = engine.getImage(exact)
  try {
    return await image.inspect()
  } catch (error) {
    if (!hasStatus(error, 404)) throw error
  }
  try {
    await pull(engine, exact)
    return await image.inspect()
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new JobProblem(
      'IMAGE_MISSING',
      `container image ${reference}${digest ? ` (${digest})` : ''} is not here and cannot be pulled: ${reason}`,
    )
  }
}

async function pull(engine: Docker, reference: string): Promise<void> {
  log.info('pulling a container image', { reference })
  // dockerode gives a readable stream of the engine's progress
  const stream = (await engine.pull(reference)) as NodeJS.ReadableStream
  await new Promise<void>((resolve, reject) => {
    engine.modem.followProgress(stream, (error: Error | null, events: { error?: string }[] = []) => {
      // Podman answers 200 and tells of the failure within the stream
      const failed = events.find((event) => event.error)
      if (error ?? failed) reject(error ?? new Error(failed?.error))
      else resolve()
    })
  })
}
