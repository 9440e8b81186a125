import type { FastifyInstance } from 'fastify'
import type { ModelContext } from '../context.ts'
import { modelPackageRoute } from './package.route.ts'
import { stageFileRoute } from './stage-file.route.ts'

/** What is under /files/models. */
export function modelFileRoutes(
  app: FastifyInstance,
  context: Pick<ModelContext, 'database' | 'blobs'>,
): void {
  modelPackageRoute(app, context)
  stageFileRoute(app, context)
}
