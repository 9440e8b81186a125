import type { Blobs } from '@ymir/blobs'
import type { Bus } from '@ymir/bus'
import type { RequestContext } from '@ymir/graphql'
import type { DataSource } from 'typeorm'

/** The service's own things. */
export interface MiningServices {
  readonly database: DataSource
  readonly bus: Bus
  readonly blobs: Blobs
}

export interface MiningContext extends RequestContext, MiningServices {}
