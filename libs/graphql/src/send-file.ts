import type { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { parseRange, type ByteRange } from './range.ts'

/** Bytes to answer a request with. */
export interface SentFile {
  readonly type: string
  readonly size: number
  /** Names the bytes: others have another. */
  readonly etag: string
  readonly cacheControl: string
  read(range?: ByteRange): Readable
}

/** Answers a GET of a service's route with a file: whole, in part (Range, If-Range), or not at all when the caller has it. */
export function sendFile(
  request: FastifyRequest,
  reply: FastifyReply,
  { type, size, etag, cacheControl, read }: SentFile,
): FastifyReply {
  reply
    .header('etag', etag)
    .header('cache-control', cacheControl)
    .header('x-content-type-options', 'nosniff')
    .header('accept-ranges', 'bytes')
  if (request.headers['if-none-match']?.split(/,\s*/).includes(etag)) return reply.code(304).send()
  reply.type(type)
  const ifRange = request.headers['if-range']
  const range = ifRange && ifRange !== etag ? undefined : parseRange(request.headers.range, size)
  if (range === 'unsatisfiable') return reply.code(416).header('content-range', `bytes */${size}`).send()
  if (!range) return reply.header('content-length', size).send(read())
  return reply
    .code(206)
    .header('content-range', `bytes ${range.start}-${range.end}/${size}`)
    .header('content-length', range.end - range.start + 1)
    .send(read(range))
}
