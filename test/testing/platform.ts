import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { waitUntil } from '@ymir/service'
import { endLeftovers, startPlatform, type Platform, type PlatformOptions } from '@ymir/deploy'
import { ApiClient } from './client.ts'

export interface TestPlatform {
  readonly platform: Platform
  readonly home: string
  /** Signed in as the first user, who is the administrator. */
  readonly client: ApiClient
  stop(): Promise<void>
}

/** The whole platform on a home of its own: PostgreSQL, nats-server, all services, the gateway. */
export async function aPlatform(environment: NodeJS.ProcessEnv = {}): Promise<TestPlatform> {
  const { platform, home, stop } = await anEmptyPlatform({ environment })
  const client = await signUp(new ApiClient(platform.gatewayUrl), 'ada@ymir.example')
  return { platform, home, client, stop: () => stop(client) }
}

/** The same before anybody has signed up. Its `stop` takes the administrator, who ends what still runs. */
export async function anEmptyPlatform(options: Pick<PlatformOptions, 'environment' | 'pages'> = {}) {
  const home = mkdtempSync(join(tmpdir(), 'ymir-end-to-end-'))
  const platform = await startPlatform({ home, durable: false, quiet: true, ...options })
  return {
    platform,
    home,
    stop: async (administrator: ApiClient) => {
      await cancelJobs(administrator)
      await platform.stop()
      await endLeftovers(home)
      rmSync(home, { recursive: true, force: true })
    },
  }
}

export async function signUp(client: ApiClient, email: string): Promise<ApiClient> {
  const query = `mutation ($input: SignUpInput!) { signUp(input: $input) { token } }`
  const input = { email, name: email.split('@')[0], password: 'correct horse battery staple' }
  const { signUp: session } = await client.ask<{ signUp: { token: string } }>(query, { input })
  return client.withToken(session.token)
}

/** Jobs outlive their platform, to be adopted by the next: those of a failed test must not. */
async function cancelJobs(client: ApiClient): Promise<void> {
  const query = `{ jobs(first: 100, states: [QUEUED, PREPARING, RUNNING, COLLECTING]) { edges { node { id } } } }`
  const cancel = `mutation ($id: ID!) { cancelJob(input: { id: $id }) { job { id } } }`
  await waitUntil('all jobs to end', async () => {
    const { jobs } = await client.ask<{ jobs: { edges: { node: { id: string } }[] } }>(query)
    for (const { node } of jobs.edges) await client.ask(cancel, node)
    return jobs.edges.length === 0
  })
}
