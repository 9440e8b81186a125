import { AsyncLocalStorage } from 'node:async_hooks'
import { randomUUID } from 'node:crypto'
import { FileStore } from '@tus/file-store'
import { Server } from '@tus/server'
import { DomainError } from '@ymir/graphql'
import { log } from '@ymir/service'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { unauthenticated } from '../caller/authenticator.ts'
import type { Edge } from '../caller/edge.ts'

export interface UploadOptions {
  /** Folder of uploads: the bytes at <id>, what is known of them at <id>.json. */
  readonly folder: string
  /** Largest upload in bytes. */
  readonly limit: number
  readonly corsOrigins: readonly string[]
  readonly edge: Edge
}

const path = '/files/uploads'
const hour = 60 * 60 * 1000
/** An upload that nobody finished goes after a day; a finished one was imported long before a week is over. */
const unfinishedForMs = 24 * hour
const finishedForMs = 7 * 24 * hour

type UploadRequest = FastifyRequest<{ Params: { id?: string } }>

/**
 * Resumable uploads by tus 1.0 at /files/uploads, streamed to disk. An upload belongs to the user who made it: its
 * metadata has their `userId`, and for others it is not there.
 */
export class Uploads {
  private readonly store: FileStore
  private readonly tus: Server
  private readonly creator = new AsyncLocalStorage<string>()
  private readonly sweeper: NodeJS.Timeout

  constructor(private readonly options: UploadOptions) {
    this.store = new FileStore({ directory: options.folder, expirationPeriodInMilliseconds: unfinishedForMs })
    this.tus = new Server({
      path,
      datastore: this.store,
      maxSize: options.limit,
      relativeLocation: true,
      allowedOrigins: [...options.corsOrigins],
      allowedHeaders: ['Authorization'],
      namingFunction: () => randomUUID(),
      onUploadCreate: (_request, { metadata }) =>
        Promise.resolve({ metadata: { ...metadata, userId: this.creator.getStore() ?? null } }),
    })
    this.sweeper = setInterval(() => void this.sweep(), hour)
    this.sweeper.unref()
  }

  routes(app: FastifyInstance): void {
    // tus reads the bytes itself, as they come
    app.addContentTypeParser('application/offset+octet-stream', (_request, _payload, done) => done(null))
    const handler = (request: UploadRequest, reply: FastifyReply) => this.handle(request, reply)
    app.route({ method: ['POST', 'OPTIONS'], url: path, handler })
    app.route({ method: ['HEAD', 'PATCH', 'DELETE', 'OPTIONS'], url: `${path}/:id`, handler })
  }

  /** Removes what nobody finished or needs any more. */
  async sweep(now = Date.now()): Promise<void> {
    for (const id of (await this.store.configstore.list?.()) ?? []) {
      try {
        const { size, offset, creation_date } = await this.store.getUpload(id)
        const keepForMs = size === offset ? finishedForMs : unfinishedForMs
        if (creation_date && now - Date.parse(creation_date) > keepForMs) await this.store.remove(id)
      } catch (error) {
        log.warn(`cannot look at upload ${id}: ${String(error)}`)
      }
    }
  }

  stop(): void {
    clearInterval(this.sweeper)
  }

  private async handle(request: UploadRequest, reply: FastifyReply): Promise<void> {
    const userId = request.method === 'OPTIONS' ? '' : await this.requireOwner(request)
    reply.hijack()
    await this.creator.run(userId, () => this.tus.handle(request.raw, reply.raw))
  }

  /** @throws DomainError UNAUTHENTICATED, FORBIDDEN, or NOT_FOUND for an upload of someone else */
  private async requireOwner(request: UploadRequest): Promise<string> {
    const { params } = request
    const caller = await this.options.edge.callerOf(request)
    if (caller.kind !== 'user')
      throw unauthenticated(
        'sign in to upload: send a session token or API key as `Authorization: Bearer ...`',
      )
    if (!caller.scopes.includes('write'))
      throw new DomainError('FORBIDDEN', 'this API key lacks the scope "write"', { needed: 'write' })
    if (!params.id) return caller.userId
    const upload = await this.store.getUpload(params.id).catch(() => undefined)
    if (upload?.metadata?.userId === caller.userId) return caller.userId
    throw new DomainError('NOT_FOUND', `there is no upload ${params.id}, or it expired: start it again`)
  }
}
