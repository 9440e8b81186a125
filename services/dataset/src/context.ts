import type { Blobs } from '@ymir/blobs'
import type { Thumbnails } from './asset/thumbnail.ts'
import type { Bus } from '@ymir/bus'
import type { RequestContext } from '@ymir/graphql'
import type { DataSource } from 'typeorm'
import type { Imports } from './import/imports.ts'
import type { HashIndex } from './similarity/hash-index.ts'
import type { GarbageCollection } from './storage/collection.ts'
import type { StorageUsage } from './storage/usage.ts'
import type { Manifests } from './version/manifest.ts'

/** What the dataset service works with. */
export interface DatasetServices {
  readonly database: DataSource
  readonly bus: Bus
  readonly blobs: Blobs
  /** Folder of uploads; the gateway writes them. */
  readonly uploads: string
  readonly thumbnails: Thumbnails
  readonly imports: Imports
  readonly manifests: Manifests
  readonly hashIndex: HashIndex
  readonly collection: GarbageCollection
  readonly usage: StorageUsage
}

export type DatasetContext = RequestContext & DatasetServices
