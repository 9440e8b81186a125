import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { log } from '@ymir/service'
import Docker from 'dockerode'
import { JobProblem } from '../job/failure.ts'

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

/** There is no such container. Podman says 500 of one that is removed while it is asked about. */
export function isGone(error: unknown): boolean {
  return hasStatus(error, 404) || (hasStatus(error, 500) && /no such container/i.test(String(error)))
}

/** The engine did not answer at all: it is not there, or went away while it was asked. */
export function isAway(error: unknown): boolean {
  if (error instanceof JobProblem) return error.code === 'ENGINE_LOST'
  const { code = '', statusCode } = error as NodeJS.ErrnoException & { statusCode?: number } // of node or dockerode
  return (
    statusCode === undefined && ['ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'EPIPE', 'ETIMEDOUT'].includes(code)
  )
}

/** The image as the engine has it; undefined when it has none of that name or digest. */
export async function findContainerImage(
  engine: Docker,
  name: string,
): Promise<Docker.ImageInspectInfo | undefined> {
  try {
    return await engine.getImage(name).inspect()
  } catch (error) {
    if (hasStatus(error, 404)) return undefined
    throw error
  }
}

/**
 * The content address of an image: the digest by which its registry knows it, else the engine's own.
 * @param reference by which it was found: the same image may have come from several registries
 */
export function digestOf({ RepoDigests, Id }: Docker.ImageInspectInfo, reference: string): string {
  const repository = reference.replace(/@.*$/, '').replace(/:[^/:]*$/, '')
  return RepoDigests?.find((digest) => digest.startsWith(`${repository}@`)) ?? RepoDigests?.[0] ?? Id
}

const removalPatienceMs = 10_000

/** Removes a container, if there is one, whatever it does. Podman refuses one that ends at this very moment ("container state improper"): it is asked again. */
export async function removeContainer(container: Docker.Container): Promise<void> {
  const deadline = Date.now() + removalPatienceMs
  for (;;) {
    try {
      await container.remove({ force: true, v: true })
      return
    } catch (error) {
      if (isGone(error)) return
      if (!hasStatus(error, 409, 500) || Date.now() > deadline) throw error
      await delay(100)
    }
  }
}
