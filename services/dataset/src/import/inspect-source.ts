import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { DomainError } from '@ymir/graphql'
import { isPublicAddress } from '@ymir/service'
import type { DatasetServices } from '../context.ts'
import type { FormatName } from '../format/format.ts'
import { Label } from '../label/label.entity.ts'
import { download } from './download.ts'
import { inspectInWorker } from './in-worker.ts'
import type { Inspection } from './inspect.ts'
import type { ImportSource } from './source.ts'

/** Somebody waits for the answer. */
const longestMs = 60_000
const limits = { bytes: 1024 ** 3, redirects: 5, pauseMs: 10_000, totalMs: 30_000 }

/**
 * What files hold.
 * @throws BadArchive when nothing can be said of them, or they are too large to be fetched while somebody waits
 */
export async function inspectSource(
  source: ImportSource,
  format: FormatName | undefined,
  { database, uploads, imports: { settings } }: Pick<DatasetServices, 'database' | 'uploads' | 'imports'>,
): Promise<Inspection> {
  const signal = AbortSignal.timeout(longestMs)
  const labels = await database.manager.find(Label, { select: { name: true, aliases: true } })
  const inspect = (path: string) =>
    inspectInWorker(
      { kind: 'inspect', path, scratch: settings.downloads, labels, ...(format ? { format } : {}) },
      signal,
    )
  switch (source.kind) {
    case 'UPLOAD':
      return inspect(join(uploads, source.uploadId))
    case 'PATH':
      return inspect(source.path)
    case 'VERSION':
      throw new DomainError('BAD_USER_INPUT', 'a version has no format: look at the version itself', {
        field: 'versionId',
      })
    case 'URL': {
      const path = join(settings.downloads, `inspected-${randomUUID()}`)
      try {
        await download(source.url, path, {
          limits,
          mayReach: settings.allowPrivateUrls ? () => true : isPublicAddress,
          signal,
        })
        return await inspect(path)
      } finally {
        await rm(path, { force: true })
      }
    }
  }
}
