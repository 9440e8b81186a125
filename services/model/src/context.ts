import type { Blobs } from '@ymir/blobs'
import type { Bus } from '@ymir/bus'
import type { RequestContext } from '@ymir/graphql'
import type { DataSource } from 'typeorm'
import type { Confusions } from './evaluation/confusion.ts'

export interface ModelContext extends RequestContext {
  readonly database: DataSource
  readonly bus: Bus
  readonly blobs: Blobs
  /** Folder of uploads. */
  readonly uploads: string
  readonly confusions: Confusions
}
