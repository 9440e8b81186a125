import type { RequestContext } from '@ymir/graphql'
import type { RegistryParts } from './image/registry.ts'
import type { RegistryCredentials } from './image/registry-credentials.ts'
import type { Dispatcher } from './queue/dispatcher.ts'
import type { LatestResources } from './resource/job-meter.ts'
import type { Secrets } from './secret/secrets.ts'

/** What the service works with. */
export interface Executor extends RegistryParts {
  readonly dispatcher: Dispatcher
  readonly credentials: RegistryCredentials
  readonly jobsFolder: string
  readonly resources: LatestResources
  readonly secrets: Secrets
}

/** What every resolver of this service is given. */
export type ExecutorContext = RequestContext & Executor
