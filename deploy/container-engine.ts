import { existsSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The socket of a container engine that speaks Docker's API: DOCKER_HOST, Docker's, or Podman's (root's or the user's).
 * @returns undefined when there is none
 */
export function containerSocket(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  if (environment.DOCKER_HOST) return environment.DOCKER_HOST
  const places = ['/var/run/docker.sock', '/run/podman/podman.sock']
  if (environment.XDG_RUNTIME_DIR) places.push(join(environment.XDG_RUNTIME_DIR, 'podman', 'podman.sock'))
  return places.find((place) => existsSync(place))
}
