import 'reflect-metadata'
import { buildSubgraphSchema } from '@apollo/subgraph'
import { printSchemaWithDirectives } from '@graphql-tools/utils'
import { parse, type GraphQLSchema } from 'graphql'
import { buildSchema, createResolversMap, type NonEmptyArray } from 'type-graphql'

/** How an entity is found from the key that another service knows of it; null when it is not there. */
// each entity has its own key and each service its own context, so the map can only promise functions
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type References = Readonly<Record<string, (reference: any, context: any) => unknown>>

/** A service's part of the graph: classes of type-graphql, and how its entities are found. */
export interface Subgraph {
  readonly name: string
  // eslint-disable-next-line @typescript-eslint/no-unsafe-function-type -- type-graphql's own type for a class
  readonly resolvers: NonEmptyArray<Function>
  readonly references: References
  /** Classes of entities to which this service adds fields, but which none of its own fields returns. */
  // eslint-disable-next-line @typescript-eslint/no-unsafe-function-type -- as above
  readonly extended?: readonly Function[]
}

const link = /* GraphQL */ `
  extend schema
    @link(
      url: "https://specs.apollo.dev/federation/v2.9"
      import: ["@key", "@shareable", "@external", "@requires", "@provides", "@inaccessible", "@tag"]
    )
`

/** The executable schema of a subgraph and its SDL, for serving and for composing. No input or output. */
export async function buildSubgraph({
  resolvers,
  references,
  extended = [],
}: Subgraph): Promise<{ schema: GraphQLSchema; sdl: string }> {
  const classes = await buildSchema({
    resolvers,
    orphanedTypes: [...extended],
    validate: { forbidUnknownValues: false },
    skipCheck: true, // federation's directives are unknown until `link` is there
  })
  const sdl = link + printSchemaWithDirectives(classes)
  const map: Record<string, object> = { ...(createResolversMap(classes) as Record<string, object>) }
  for (const [type, find] of Object.entries(references)) {
    const __resolveReference = (reference: object, context: unknown) => find(reference, context)
    map[type] = { ...map[type], __resolveReference }
  }
  return { schema: buildSubgraphSchema({ typeDefs: parse(sdl), resolvers: map as never }), sdl }
}
