import type { IncomingMessage, Server } from 'node:http'
import { DomainError } from '@ymir/graphql'
import { MembershipChangedSchema } from '@ymir/proto-events'
import { log } from '@ymir/service'
import {
  createSourceEventStream,
  GraphQLError,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLSchema,
} from 'graphql'
import { useServer } from 'graphql-ws/use/ws'
import { WebSocketServer, type WebSocket } from 'ws'
import type { FeedEvent } from '@ymir/bus'
import { bearerToken, sessionCookie } from '../caller/edge.ts'
import type { Authenticator } from '../caller/authenticator.ts'
import { isOwnPage } from '../caller/own-page.ts'
import { decoded } from '../feed/decoded.ts'
import type { Facts } from '../feed/facts.ts'
import type { News } from '../feed/news.ts'
import { publicError } from '../graph/errors.ts'
import type { Graph } from '../graph/graph.ts'
import { limits } from '../graph/limits.ts'
import { Connection } from './connection.ts'
import type { SubscriptionContext, Update } from './context.ts'
import { Documents } from './documents.ts'
import { SharedExecutions } from './shared-execution.ts'
import { withSubscriptions } from './schema.ts'
import { UpdateStream } from './update-stream.ts'

export interface SocketOptions {
  readonly server: Server
  readonly graph: Graph
  readonly facts: Facts
  readonly news: News
  readonly authenticator: Authenticator
  /** Origins of other web pages that may use the session cookie. */
  readonly corsOrigins: readonly string[]
}

/** Close codes beyond those of graphql-transport-ws (4400 bad message, 4401, 4408, 4409, 4429). */
const closeCodes = {
  /** The token is missing, unknown, revoked or expired: sign in again. */
  forbidden: 4403,
  /** Identity does not answer: try again. */
  tryAgainLater: 1013,
}

const openStreamsAllowed = 200
const pingEveryMs = 12_000

interface Extra {
  connection?: Connection
  readonly socket: WebSocket
  readonly request: IncomingMessage
  readonly [key: PropertyKey]: unknown
}

/**
 * Subscriptions over graphql-transport-ws at /graphql. The token comes as `authorization` ("Bearer ...") or `token` in
 * the parameters of the connection, as an Authorization header, or as the session cookie of a page of our own.
 */
export class Sockets {
  private documents: Documents | undefined
  private readonly executions = new SharedExecutions()
  private readonly connections = new Set<Connection>()
  private readonly sockets: WebSocketServer
  private readonly dispose: () => void | Promise<void>

  constructor(private readonly options: SocketOptions) {
    this.sockets = new WebSocketServer({
      server: options.server,
      path: '/graphql',
      perMessageDeflate: false,
      maxPayload: limits.body,
    })
    const { dispose } = useServer<Record<string, unknown>, Extra>(
      {
        connectionInitWaitTimeout: 5_000,
        onConnect: ({ connectionParams, extra }) => this.connect(connectionParams ?? {}, extra),
        onSubscribe: ({ subscriptions, extra: { connection } }, _id, { query, operationName, variables }) => {
          const document = this.documents?.read(query, operationName ?? undefined)
          if (!document || !connection || !this.documents) return [unavailable()]
          if (!('kind' in document)) return document
          // this one and those that are only being started are among them
          if (Object.keys(subscriptions).length > openStreamsAllowed) return [tooMany()]
          const { graph, facts, news } = this.options
          const contextValue: SubscriptionContext = { graph, facts, news, subscriber: connection }
          const { schema } = this.documents
          return { schema, document, operationName, variableValues: variables, contextValue }
        },
        subscribe: (args) => this.subscribe(args),
        onClose: ({ extra: { connection } }) => {
          connection?.end()
          if (connection) this.connections.delete(connection)
        },
      },
      this.sockets,
      pingEveryMs,
    )
    this.dispose = dispose
  }

  /** Takes the schema of the graph that is served now. */
  use(api: GraphQLSchema): void {
    this.documents = new Documents(withSubscriptions(api))
  }

  /** Rights may have changed: whoever is concerned is checked. */
  async hear(fact: FeedEvent): Promise<void> {
    const { userId } = decoded(fact, MembershipChangedSchema) ?? {}
    if (!userId) return
    await this.options.authenticator.forget(userId)
    const concerned = [...this.connections].filter((connection) => connection.userId === userId)
    await Promise.all(concerned.map((connection) => connection.check()))
  }

  async stop(): Promise<void> {
    // a client that does not answer the closing is cut off
    const cut = setTimeout(() => this.sockets.clients.forEach((socket) => socket.terminate()), 1_000)
    await this.dispose()
    clearTimeout(cut)
  }

  private async connect(parameters: Record<string, unknown>, extra: Extra): Promise<boolean> {
    try {
      const token = this.tokenOf(parameters, extra.request)
      if (!token) return false
      const connection = new Connection({
        token,
        authenticator: this.options.authenticator,
        graph: this.options.graph,
        close: () => extra.socket.close(closeCodes.forbidden, 'the token expired or was revoked'),
      })
      if (!(await connection.authenticate())) return false
      if (extra.socket.readyState !== extra.socket.OPEN) {
        connection.end() // nobody would forget it later
        return false
      }
      extra.connection = connection
      this.connections.add(connection)
      return true
    } catch (error) {
      const isOurs = error instanceof GraphQLError
      if (isOurs && error.extensions.code === 'UNAUTHENTICATED') return false
      if (!isOurs) log.error('while accepting a socket', error)
      extra.socket.close(closeCodes.tryAgainLater, 'try again later')
      return false
    }
  }

  private tokenOf(parameters: Record<string, unknown>, { headers }: IncomingMessage): string | undefined {
    const { authorization = parameters.Authorization, token } = parameters
    if (typeof token === 'string' && token) return token
    if (typeof authorization === 'string') return bearerToken(authorization)
    if (headers.authorization) return bearerToken(headers.authorization)
    return isOwnPage(headers, this.options.corsOrigins) ? sessionCookie(headers.cookie) : undefined
  }

  private async subscribe(
    args: ExecutionArgs,
  ): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult> {
    try {
      const updates = await createSourceEventStream(args)
      if (!(updates instanceof UpdateStream)) return updates as ExecutionResult // else it is what was wrong
      return this.resultsOf(args, updates as UpdateStream<Update>) // our schema gives nothing else
    } catch (error) {
      return { errors: [publicError(error)] } // e.g. its one field is skipped: graphql-js has no answer to that
    }
  }

  private resultsOf(
    args: ExecutionArgs,
    updates: UpdateStream<Update>,
  ): AsyncIterableIterator<ExecutionResult> {
    const { subscriber } = args.contextValue as SubscriptionContext // made in onSubscribe
    const forget = subscriber instanceof Connection ? subscriber.keep(updates) : () => {}
    return {
      next: async (): Promise<IteratorResult<ExecutionResult, undefined>> => {
        try {
          const result = await updates.next()
          if (!result.done) return { done: false, value: await this.executions.run(args, result.value) }
          forget()
          return result
        } catch (error) {
          forget()
          throw error
        }
      },
      return: () => {
        forget()
        return updates.return()
      },
      throw: (error) => updates.throw(error),
      [Symbol.asyncIterator]() {
        return this
      },
    }
  }
}

function tooMany(): DomainError {
  return new DomainError(
    'TOO_MANY_SUBSCRIPTIONS',
    `a connection may have ${openStreamsAllowed} subscriptions: complete some, or open another connection`,
  )
}

function unavailable(): DomainError {
  return new DomainError('SERVICE_UNAVAILABLE', 'the graph is not loaded yet; try again in a while')
}
