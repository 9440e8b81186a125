import type { Bus } from '@ymir/bus'
import type { RequestContext } from '@ymir/graphql'
import type { DataSource } from 'typeorm'

/** What the service works with. */
export interface Identity {
  readonly database: DataSource
  readonly bus: Pick<Bus, 'emit'>
}

/** What every resolver of this service is given. */
export type IdentityContext = RequestContext & Identity
