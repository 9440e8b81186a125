import type { RequestContext } from '@ymir/graphql'
import type { DataSource } from 'typeorm'
import type { Drivers } from './image/registry.ts'
import type { Dispatcher } from './queue/dispatcher.ts'
import type { LatestResources } from './resource/job-meter.ts'
import type { Secrets } from './secret/secrets.ts'

/** What the service works with. */
export interface Executor {
  readonly database: DataSource
  readonly dispatcher: Dispatcher
  readonly drivers: Drivers
  readonly jobsFolder: string
  readonly resources: LatestResources
  readonly secrets: Secrets
}

/** What every resolver of this service is given. */
export type ExecutorContext = RequestContext & Executor
