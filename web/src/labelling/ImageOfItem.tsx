import { useQuery } from '@apollo/client/react'
import { Skeleton } from '@mantine/core'
import { Navigate, useParams } from 'react-router'
import { NotFound } from '../app/NotFound.tsx'
import { Problem } from '../look/Problem.tsx'
import { ImageOfItemDocument } from './item.generated.ts'

/** Leads from the id by which vendors know an image of a task to the image in its version. */
export function ImageOfItem() {
  const { itemId = '' } = useParams()
  const { data, error, refetch } = useQuery(ImageOfItemDocument, { variables: { itemId } })
  if (error && !data) return <Problem error={error} retry={() => void refetch()} />
  if (!data) return <Skeleton h={240} />
  const { labellingItem: item } = data
  if (!item) return <NotFound />
  // a gold image is not in the version that is labelled
  const version = item.knownAnnotations ? item.task.goldVersion : item.task.version
  if (!version) return <NotFound />
  return <Navigate to={`/versions/${version.id}/assets/${item.assetId}`} replace />
}
