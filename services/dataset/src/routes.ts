import type { FastifyInstance } from 'fastify'
import { assetRoutes } from './asset/asset.routes.ts'
import type { DatasetServices } from './context.ts'
import { exportRoutes } from './export/export.routes.ts'
import { importRoutes } from './import/import.routes.ts'

/** The dataset service's files over HTTP; the gateway passes them on. */
export function routes(app: FastifyInstance, services: DatasetServices): void {
  assetRoutes(app, services)
  exportRoutes(app, services)
  importRoutes(app, services)
}
