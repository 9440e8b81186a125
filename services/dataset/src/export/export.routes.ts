import { Readable } from 'node:stream'
import { notFound } from '@ymir/graphql'
import type { FastifyInstance } from 'fastify'
import type { DatasetServices } from '../context.ts'
import { requireReadable } from '../sharing/readable.ts'
import { readVersion } from '../version/version.store.ts'
import { exportVoc } from './export.ts'

const suffix = '.voc.zip'

/** GET /files/exports/<version id>.voc.zip, for those who may see the version's project. */
export function exportRoutes(app: FastifyInstance, { database, blobs }: DatasetServices): void {
  app.get<{ Params: { file: string } }>('/files/exports/:file', async (request, reply) => {
    const { file } = request.params
    if (!file.endsWith(suffix)) throw notFound('export', file)
    const version = await readVersion(database.manager, file.slice(0, -suffix.length))
    await requireReadable({ access: request.ymir.access, database }, version)
    const etag = `"${version.root}-voc"`
    reply
      .header('etag', etag)
      .header('cache-control', 'private, max-age=31536000, immutable')
      .header('x-content-type-options', 'nosniff')
    if (request.headers['if-none-match'] === etag) return reply.code(304).send()
    return reply
      .type('application/zip')
      .header('content-disposition', `attachment; filename="${file}"`)
      .send(Readable.from(exportVoc(database, blobs, version.id), { objectMode: false }))
  })
}
