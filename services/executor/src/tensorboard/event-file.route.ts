import { basename } from 'node:path'
import { notFound, sendFile } from '@ymir/graphql'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { jobFolders } from '../contract/layout.ts'
import type { Executor } from '../context.ts'
import { Job } from '../job/job.entity.ts'
import { openEventFile } from './event-files.ts'
import { eventFileUrl } from './tensorboard.type.ts'

/** GET /files/jobs/<job id>/tensorboard/<path>: an event file, as far as it is written, for who may see the project. */
export function tensorboardRoute(
  app: FastifyInstance,
  { database, jobsFolder }: Pick<Executor, 'database' | 'jobsFolder'>,
): void {
  app.get<{ Params: { jobId: string; '*': string } }>(
    `${eventFileUrl}/:jobId/tensorboard/*`,
    async (request, reply) => {
      const { jobId, '*': path } = request.params
      const job = z.guid().safeParse(jobId).success
        ? await database.getRepository(Job).findOneBy({ id: jobId })
        : null
      if (!job || !(await request.ymir.access.mayInProject(job.projectId, 'VIEWER')))
        throw notFound('job', jobId)
      const file = await openEventFile(path, jobFolders(jobsFolder, job.id))
      if (!file) throw notFound('event file', path)
      const { size, mtimeMs } = await file.stat()
      reply.raw.once('close', () => void file.close().catch(() => {}))
      void reply.header(
        'content-disposition',
        `attachment; filename="${basename(path).replace(/[^\w.-]+/g, '-')}"`,
      )
      return sendFile(request, reply, {
        type: 'application/octet-stream',
        size,
        etag: `"${size}-${Math.floor(mtimeMs)}"`,
        cacheControl: 'private, no-cache',
        read: (range) => file.createReadStream({ start: 0, end: size - 1, ...range, autoClose: false }),
      })
    },
  )
}
