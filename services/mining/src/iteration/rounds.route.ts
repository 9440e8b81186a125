import { notFound } from '@ymir/graphql'
import { isUUID } from 'class-validator'
import type { FastifyInstance } from 'fastify'
import type { MiningServices } from '../context.ts'
import { IterationRow } from './iteration.entity.ts'
import { stepsByIteration } from './iteration.ts'
import { inLine } from './line.ts'
import { roundsAsCsv } from './rounds-file.ts'
import { roundsOf } from './rounds.ts'

interface Asked {
  Params: { projectId: string }
  Querystring: { plan?: string }
}

/** GET /files/rounds/<project id>/rounds.csv: the table of rounds, with ?plan= that of a plan; for who may see the project. */
export function roundsRoute(app: FastifyInstance, { database }: MiningServices): void {
  app.get<Asked>('/files/rounds/:projectId/rounds.csv', async ({ params, query, ymir }, reply) => {
    const { projectId } = params
    if (!isUUID(projectId)) throw notFound('project', projectId)
    await ymir.access.requireProject(projectId, 'VIEWER')
    if (query.plan !== undefined && !isUUID(query.plan)) throw notFound('plan', query.plan)
    const { manager } = database
    const where = query.plan ? { projectId, planId: query.plan } : inLine({ projectId, branchId: null })
    const iterations = await manager.find(IterationRow, { where, order: { round: 'ASC' } })
    const steps = await stepsByIteration(
      manager,
      iterations.map(({ id }) => id),
    )
    const rounds = roundsOf(iterations.map((one, index) => [one, steps[index] ?? []]))
    return reply
      .header('cache-control', 'private, no-cache')
      .header('x-content-type-options', 'nosniff')
      .header('content-disposition', 'attachment; filename="rounds.csv"')
      .type('text/csv; charset=utf-8')
      .send(roundsAsCsv(rounds))
  })
}
