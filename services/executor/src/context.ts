import type { Bus } from '@ymir/bus'
import type { RequestContext } from '@ymir/graphql'
import type { DataSource } from 'typeorm'
import type { Drivers } from './image/registry.ts'
import type { Dispatcher } from './queue/dispatcher.ts'

/** What the service works with. */
export interface Executor {
  readonly database: DataSource
  readonly bus: Pick<Bus, 'emit'>
  readonly dispatcher: Dispatcher
  readonly drivers: Drivers
  readonly jobsFolder: string
}

/** What every resolver of this service is given. */
export type ExecutorContext = RequestContext & Executor
