import { ApolloGateway } from '@apollo/gateway'
import { composeServices } from '@apollo/composition'
import { buildSubgraph, type Subgraph } from '@ymir/graphql'
import { lexicographicSortSchema, parse, printSchema } from 'graphql'
import { withSubscriptions } from '../subscription/schema.ts'

/** The graph composed: what the gateway runs, and what clients see. */
export interface Composed {
  /** With federation's join directives: how to ask which service for what. */
  readonly supergraph: string
  /** The public schema, subscriptions included. */
  readonly schema: string
}

/**
 * Composes the services' parts into one graph.
 * @throws Error with all problems that composition finds
 */
export async function compose(subgraphs: readonly Subgraph[]): Promise<Composed> {
  const parts: Parameters<typeof composeServices>[0] = []
  for (const subgraph of subgraphs) {
    const { sdl } = await buildSubgraph(subgraph) // one at a time: type-graphql's registry is global
    // the gateway takes addresses from its environment, this one is only a name
    parts.push({ name: subgraph.name, url: `http://${subgraph.name}/graphql`, typeDefs: parse(sdl) })
  }
  const { supergraphSdl, errors } = composeServices(parts)
  if (errors) throw new Error(`the services' parts do not fit together:\n${errors.map(String).join('\n')}`)
  return { supergraph: `${supergraphSdl.trim()}\n`, schema: await publicSchema(supergraphSdl) }
}

async function publicSchema(supergraphSdl: string): Promise<string> {
  const gateway = new ApolloGateway({ supergraphSdl })
  const { schema } = await gateway.load()
  await gateway.stop()
  return `${printSchema(lexicographicSortSchema(withSubscriptions(schema)))}\n`
}
