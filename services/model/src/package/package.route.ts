import { notFound } from '@ymir/graphql'
import type { FastifyInstance } from 'fastify'
import type { ModelContext } from '../context.ts'
import { ModelRow, ModelStageRow } from '../model/model.entity.ts'
import { packModel } from './package.ts'

const imageQuery = /* GraphQL */ `
  query ImageOfPackage($id: ID!) {
    executorImage(id: $id) {
      name
    }
  }
`

/** GET /files/models/<model id>.tar.gz: the model package, for who may see the project. */
export function modelPackageRoute(
  app: FastifyInstance,
  { database, blobs }: Pick<ModelContext, 'database' | 'blobs'>,
): void {
  app.get<{ Params: { file: string } }>('/files/models/:file', async (request, reply) => {
    const id = request.params.file.replace(/\.tar\.gz$/, '')
    if (!/^[0-9a-f-]{36}$/.test(id)) throw notFound('model', id)
    const model = await database.getRepository(ModelRow).findOneBy({ id })
    if (!model || !(await request.ymir.access.mayInProject(model.projectId, 'VIEWER')))
      throw notFound('model', id)
    const stages = await database
      .getRepository(ModelStageRow)
      .find({ where: { modelId: id }, order: { savedAt: 'ASC' } })
    const { executorImage } = await request.ymir.graph.query<{ executorImage: { name: string } | null }>(
      imageQuery,
      {
        id: model.executorImageId,
      },
    )
    const fileName = `${model.name.replace(/[^\w.-]+/g, '-')}.tar.gz`
    return reply
      .type('application/gzip')
      .header('content-disposition', `attachment; filename="${fileName}"`)
      .header('x-content-type-options', 'nosniff')
      .send(packModel(model, stages, executorImage?.name ?? '', blobs))
  })
}
