import { notFound, sendFile } from '@ymir/graphql'
import { isUUID } from 'class-validator'
import type { FastifyInstance } from 'fastify'
import type { ModelContext } from '../context.ts'
import { ModelRow, ModelStageRow } from '../model/model.entity.ts'

/** Path of a stage's file at the gateway. */
export function stageFileUrl({ id, modelId }: ModelStageRow, name: string): string {
  return `/files/models/${modelId}/stages/${id}/${encodeURIComponent(name)}`
}

/** GET /files/models/<model id>/stages/<stage id>/<name>: one file of a stage, for who may see the project. */
export function stageFileRoute(
  app: FastifyInstance,
  { database, blobs }: Pick<ModelContext, 'database' | 'blobs'>,
): void {
  app.get<{ Params: { modelId: string; stageId: string; '*': string } }>(
    '/files/models/:modelId/stages/:stageId/*',
    async (request, reply) => {
      const { modelId, stageId, '*': name } = request.params
      const model = isUUID(modelId) ? await database.getRepository(ModelRow).findOneBy({ id: modelId }) : null
      if (!model || !(await request.ymir.access.mayInProject(model.projectId, 'VIEWER')))
        throw notFound('model', modelId)
      const stage = isUUID(stageId)
        ? await database.getRepository(ModelStageRow).findOneBy({ id: stageId, modelId })
        : null
      if (!stage) throw notFound('model stage', stageId)
      const file = stage.files.find((one) => one.name === name)
      if (!file) throw notFound('file of the stage', name)
      void reply.header('content-disposition', `attachment; filename="${name.replace(/[^\w.-]+/g, '-')}"`)
      return sendFile(request, reply, {
        type: 'application/octet-stream',
        size: file.size,
        etag: `"${file.sha256}"`,
        cacheControl: 'private, max-age=31536000, immutable',
        read: (range) => blobs.read(file.sha256, range),
      })
    },
  )
}
