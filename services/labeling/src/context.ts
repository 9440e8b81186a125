import type { Bus } from '@ymir/bus'
import type { RequestContext } from '@ymir/graphql'
import type { DataSource } from 'typeorm'
import type { Chores } from './chores.ts'
import type { VendorDoors } from './vendor/vendor-doors.ts'

/** What the service works with. */
export interface Labeling {
  readonly database: DataSource
  readonly bus: Bus
}

/** What every resolver of this service is given. */
export interface LabelingContext extends RequestContext, Labeling {
  readonly chores: Pick<Chores, 'wake' | 'lookIntoTools'>
  readonly vendorDoors: Pick<VendorDoors, 'cipher' | 'outward' | 'look' | 'open' | 'shut'>
}

/** Whom a row names as its maker: the user, or nobody when a service of the platform asked. */
export function actorOf({ caller }: RequestContext): string {
  return caller.kind === 'user' ? caller.userId : ''
}
