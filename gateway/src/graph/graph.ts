import { ApolloGateway } from '@apollo/gateway'
import { ApolloServer, HeaderMap, type ApolloServerPlugin } from '@apollo/server'
import {
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled'
import { log } from '@ymir/service'
import { GraphQLError, OperationTypeNode, type FormattedExecutionResult, type GraphQLSchema } from 'graphql'
import { formatError } from './errors.ts'
import { limitCost, limits, limitShape } from './limits.ts'
import type { GraphContext, Service } from './service.ts'
import { supergraphFile } from './supergraph-file.ts'

export interface GraphOptions {
  /** File of the composed supergraph. */
  readonly supergraph: string
  readonly services: ReadonlyMap<string, Service>
  /** Told of the API schema at the start and whenever the supergraph changes. */
  readonly onSchema: (schema: GraphQLSchema) => void
  /** Told after each mutation, with who asked for it. */
  readonly onMutation: (context: GraphContext) => void
}

/** The federated graph: all services' types as one, for HTTP and for the gateway's own questions. */
export class Graph {
  readonly apollo: ApolloServer<GraphContext>

  constructor(options: GraphOptions) {
    const gateway = new ApolloGateway({
      supergraphSdl: supergraphFile(options.supergraph),
      buildService: ({ name }) => serviceNamed(name, options.services),
      logger: gatewayLog,
    })
    gateway.onSchemaLoadOrUpdate(({ apiSchema }) => options.onSchema(apiSchema))
    this.apollo = new ApolloServer<GraphContext>({
      gateway,
      formatError,
      introspection: true, // the schema is the manual, and open source
      csrfPrevention: true,
      allowBatchedHttpRequests: false,
      includeStacktraceInErrorResponses: false,
      stopOnTerminationSignals: false,
      parseOptions: { maxTokens: limits.tokens },
      validationRules: [limitShape],
      logger: gatewayLog,
      plugins: [
        ApolloServerPluginLandingPageDisabled(),
        ApolloServerPluginUsageReportingDisabled(),
        watchOperations(options.onMutation),
      ],
    })
  }

  start(): Promise<void> {
    return this.apollo.start()
  }

  stop(): Promise<void> {
    return this.apollo.stop()
  }

  /** Asks the graph from inside, as the caller given. */
  async execute(
    query: string,
    variables: Readonly<Record<string, unknown>>,
    contextValue: GraphContext,
  ): Promise<FormattedExecutionResult> {
    const request = {
      query,
      variables,
      http: { method: 'POST', headers: new HeaderMap(), search: '', body: {} },
    }
    const { body } = await this.apollo.executeOperation(request, { contextValue })
    if (body.kind === 'single') return body.singleResult
    throw new Error('the graph answered in parts, which was not asked for')
  }

  /**
   * As `execute`, for questions that are all or nothing.
   * @throws GraphQLError the first error of the answer
   */
  async query<Data>(
    query: string,
    variables: Readonly<Record<string, unknown>>,
    context: GraphContext,
  ): Promise<Data> {
    const { data, errors } = await this.execute(query, variables, context)
    const [first] = errors ?? []
    if (first) throw new GraphQLError(first.message, { extensions: first.extensions })
    return data as Data // the question, which stands beside the call, gives the shape
  }
}

function serviceNamed(name: string, services: ReadonlyMap<string, Service>): Service {
  const service = services.get(name)
  if (service) return service
  throw new Error(
    `the supergraph names a service ${name} whose address nobody gave: set YMIR_${name.toUpperCase()}_URL`,
  )
}

function watchOperations(onMutation: (context: GraphContext) => void): ApolloServerPlugin<GraphContext> {
  return {
    requestDidStart: () =>
      Promise.resolve({
        didResolveOperation: ({ schema, document, operation, request }) => {
          if (operation) limitCost(schema, document, operation, request.variables ?? {})
          return Promise.resolve()
        },
        willSendResponse: ({ operation, contextValue }) => {
          if (operation?.operation === OperationTypeNode.MUTATION) onMutation(contextValue)
          return Promise.resolve()
        },
      }),
  }
}

const gatewayLog = {
  debug: () => {},
  info: () => {},
  warn: (message?: unknown) => log.warn(String(message)),
  error: (message?: unknown) => log.error(String(message)),
}
