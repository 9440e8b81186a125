import { useApolloClient } from '@apollo/client/react'
import { useMemo, useSyncExternalStore } from 'react'
import type { AssetPartsFragment, PredictionPartsFragment } from '../asset/asset-parts.generated.ts'
import { AssetPages, type LoadAssets } from './asset-pages.ts'
import type { View } from './view.ts'
import {
  GridPageDocument,
  GridPageWithPredictionsDocument,
  RandomAssetsDocument,
  RandomAssetsWithPredictionsDocument,
} from './version.generated.ts'

export type GridAsset = AssetPartsFragment & { readonly predictions?: readonly PredictionPartsFragment[] }

/** How many a sample by chance shows. */
export const sampleSize = 100

/** The assets that a view wants, loaded as they are looked at. A version never changes, so nothing of it gets old. */
export function useAssetPages(versionId: string, view: View): AssetPages<GridAsset> {
  const load = useLoad(versionId, view)
  const pages = useMemo(() => {
    const made = new AssetPages(load)
    made.want(0, 1)
    return made
  }, [load])
  useSyncExternalStore(pages.subscribe, () => pages.revision)
  return pages
}

function useLoad(id: string, { filter, orderBy, seed, drawn: { setId } }: View): LoadAssets<GridAsset> {
  const client = useApolloClient()
  // the wish as text: an object is another one after each change of the address
  const wish = JSON.stringify({ filter, orderBy })
  return useMemo(() => {
    const wanted = JSON.parse(wish) as Pick<View, 'filter' | 'orderBy'> // written just above
    // not into the cache: a million images would fill it, and no other page asks for them so
    const fetchPolicy = 'no-cache'
    if (seed !== undefined) {
      return async () => {
        const variables = { id, seed, count: sampleSize, filter: wanted.filter }
        const { data } = setId
          ? await client.query({
              query: RandomAssetsWithPredictionsDocument,
              variables: { ...variables, setId },
              fetchPolicy,
            })
          : await client.query({ query: RandomAssetsDocument, variables, fetchPolicy })
        const assets = data?.datasetVersion?.randomAssets ?? []
        return { totalCount: assets.length, assets }
      }
    }
    return async (skip, first) => {
      const variables = { id, skip, first, ...wanted }
      const { data } = setId
        ? await client.query({
            query: GridPageWithPredictionsDocument,
            variables: { ...variables, setId },
            fetchPolicy,
          })
        : await client.query({ query: GridPageDocument, variables, fetchPolicy })
      const connection = data?.datasetVersion?.assets
      return {
        totalCount: connection?.totalCount ?? 0,
        assets: connection?.edges.map(({ node }) => node) ?? [],
      }
    }
  }, [client, id, seed, setId, wish])
}
