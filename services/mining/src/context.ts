import type { Blobs } from '@ymir/blobs'
import type { Bus } from '@ymir/bus'
import type { RequestContext } from '@ymir/graphql'
import type { DataSource } from 'typeorm'

export interface MiningContext extends RequestContext {
  readonly database: DataSource
  readonly bus: Bus
  readonly blobs: Blobs
}
