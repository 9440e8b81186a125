import { Readable } from 'node:stream'
import { readJsonLines, type Blobs } from '@ymir/blobs'
import { notFound } from '@ymir/graphql'
import type { FastifyInstance } from 'fastify'
import type { DatasetServices } from '../context.ts'
import { isUuid } from '../version/version.store.ts'
import { Import } from './import.entity.ts'
import type { ImportProblem } from './problem.ts'
import { csvOf, jsonOf } from './report-file.ts'

const writers = {
  'report.json': { type: 'application/json', write: jsonOf },
  'report.csv': { type: 'text/csv; charset=utf-8', write: csvOf },
}

/** GET /files/imports/<import id>/report.json and report.csv: all problems, for those who may see the import's project. */
export function importRoutes(app: FastifyInstance, { database, blobs }: DatasetServices): void {
  app.get<{ Params: { id: string; file: string } }>('/files/imports/:id/:file', async (request, reply) => {
    const { id, file } = request.params
    const found = isUuid(id) ? await database.manager.findOneBy(Import, { id }) : null
    if (!found) throw notFound('import', id)
    await request.ymir.access.requireProject(found.projectId, 'VIEWER')
    const writer = Object.entries(writers).find(([name]) => name === file)?.[1]
    if (!found.found || !writer) throw notFound('report of this import', file)
    return reply
      .header('cache-control', 'private, max-age=31536000, immutable') // an import that has ended stays as it is
      .header('x-content-type-options', 'nosniff')
      .header('content-disposition', `attachment; filename="import-${id}-${file}"`)
      .type(writer.type)
      .send(Readable.from(writer.write(found, problemsOf(found, blobs)), { objectMode: false }))
  })
}

/** From the blob; imports of old have them in their row only. */
async function* problemsOf({ found }: Import, blobs: Blobs): AsyncGenerator<ImportProblem> {
  if (found?.problemsBlob) yield* readJsonLines<ImportProblem>(blobs.read(found.problemsBlob.sha256))
  else yield* found?.problems ?? []
}
