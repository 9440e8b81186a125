import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import type { DatasetServices } from '../context.ts'
import { requireReadable } from '../sharing/readable.ts'
import { readVersion } from '../version/version.store.ts'
import { type ExportContainer, exportVersion } from './export.ts'
import { parseExportFileName } from './export-file.ts'

const mediaTypes: Readonly<Record<ExportContainer, string>> = {
  ZIP: 'application/zip',
  TAR: 'application/x-tar',
}

/**
 * GET and HEAD /files/exports/<version id>.<format>.<zip or tar>, for those who may see the version's project. The length is not
 * known before the end.
 */
export function exportRoutes(app: FastifyInstance, { database, blobs }: DatasetServices): void {
  app.get<{ Params: { file: string } }>('/files/exports/:file', async (request, reply) => {
    const { file } = request.params
    const { versionId, writer, container } = parseExportFileName(file)
    const version = await readVersion(database.manager, versionId)
    await requireReadable({ access: request.ymir.access, database }, version)
    const etag = `"${version.root}-${writer.name}-${container}"`
    reply
      .header('etag', etag)
      .header('cache-control', 'private, max-age=31536000, immutable')
      .header('x-content-type-options', 'nosniff')
    if (request.headers['if-none-match']?.split(/,\s*/).includes(etag)) return reply.code(304).send()
    reply.type(mediaTypes[container]).header('content-disposition', `attachment; filename="${file}"`)
    if (request.method === 'HEAD') return reply.send()
    const bytes = exportVersion({ database, blobs }, version, { writer, container })
    return reply.send(Readable.from(bytes, { objectMode: false }))
  })
}
