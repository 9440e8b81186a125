import type { GraphClient } from '@ymir/graphql'
import type { Holders } from './collection.ts'

const heldPhotos = /* GraphQL */ `
  query HeldPhotos($sha256s: [String!]!) {
    heldPhotos(sha256s: $sha256s)
  }
`

/** Photos on which a model stage was tried may be images of a dataset too: the model service holds them. */
export function holdersInTheGraph(graph: Pick<GraphClient, 'query'>): Holders {
  return async (sha256s) => {
    const { heldPhotos: held } = await graph.query<{ heldPhotos: string[] }>(heldPhotos, { sha256s })
    return held
  }
}
