import { useQuery } from '@apollo/client/react'
import { useHotkeys } from '@mantine/hooks'
import { useNavigate } from 'react-router'
import type { View } from '../version/view.ts'
import { sampleSize } from '../version/useAssetPages.ts'
import { NeighbourAssetsDocument, NeighbourSampleDocument } from './asset.generated.ts'

interface Place {
  readonly versionId: string
  readonly params: URLSearchParams
  readonly view: View
  /** Of the asset in the whole version, for who came here without a list. */
  readonly position: number | undefined
}

export interface Neighbours {
  /** In the list, counted from 0. */
  readonly place: number | undefined
  readonly total: number | undefined
  readonly previous: string | undefined
  readonly next: string | undefined
  readonly gridAddress: string
}

/**
 * The images before and after this one in the list that one came from, or in the whole version; arrow keys go there, Escape
 * goes back to the list at this place.
 */
export function useNeighbours({ versionId, params, view, position }: Place): Neighbours {
  const navigate = useNavigate()
  const isFromList = params.has('at')
  const place = isFromList ? view.at : position
  const { filter, orderBy } = isFromList ? view : { filter: null, orderBy: null }
  const first = Math.max(0, (place ?? 0) - 1)
  const { data, previousData } = useQuery(NeighbourAssetsDocument, {
    variables: { versionId, skip: first, first: 3, filter, orderBy },
    skip: place === undefined || view.seed !== undefined,
  })
  const sample = useQuery(NeighbourSampleDocument, {
    variables: { versionId, count: sampleSize, seed: view.seed ?? 0, filter: view.filter },
    skip: view.seed === undefined,
  })
  const chosen = sample.data?.datasetVersion?.randomAssets
  const assets = (data ?? previousData)?.datasetVersion?.assets
  const addressAt = (wanted: number) => {
    const asset = chosen ? chosen[wanted] : data?.datasetVersion?.assets.edges[wanted - first]?.node
    if (!asset || wanted < 0) return undefined
    const next = new URLSearchParams(params)
    next.set('at', String(wanted))
    return `/versions/${versionId}/assets/${asset.id}?${next}`
  }
  const back = new URLSearchParams(params)
  if (place !== undefined) back.set('at', String(place))
  const neighbours = {
    place,
    total: chosen?.length ?? assets?.totalCount,
    previous: place === undefined ? undefined : addressAt(place - 1),
    next: place === undefined ? undefined : addressAt(place + 1),
    gridAddress: `/versions/${versionId}?${back}`,
  }
  const go = (to: string | undefined) => to && void navigate(to, { replace: true })
  useHotkeys([
    ['ArrowLeft', () => go(neighbours.previous)],
    ['ArrowRight', () => go(neighbours.next)],
    ['Escape', () => go(neighbours.gridAddress)],
  ])
  return neighbours
}
