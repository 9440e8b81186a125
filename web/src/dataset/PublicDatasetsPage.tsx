import { useQuery } from '@apollo/client/react'
import { IconWorld } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { Empty } from '../look/Empty.tsx'
import { ListSkeleton } from '../look/ListSkeleton.tsx'
import { Page } from '../look/Page.tsx'
import { Pager, usePlace } from '../look/Pager.tsx'
import { Problem } from '../look/Problem.tsx'
import { PublicDatasetTable } from './PublicDatasetTable.tsx'
import { PublicDatasetsDocument } from './public-datasets.generated.ts'

const pageSize = 50

/** Datasets that everyone in the workspace may look at, import from and train on. */
export function PublicDatasetsPage() {
  const { t } = useTranslation('dataset')
  const place = usePlace()
  const { data, previousData, error, refetch } = useQuery(PublicDatasetsDocument, {
    variables: { first: pageSize, after: place.after },
  })
  const connection = (data ?? previousData)?.publicDatasets
  return (
    <Page title={t('publicDatasets')} facts={t('publicDatasetsFacts')} crumbs={[]}>
      <Problem error={error} retry={() => void refetch()} />
      {!connection && !error && <ListSkeleton />}
      {connection?.totalCount === 0 && (
        <Empty
          title={t('noPublicDatasets')}
          advice={t('noPublicDatasetsAdvice')}
          icon={<IconWorld size={36} aria-hidden />}
        />
      )}
      {connection && connection.totalCount > 0 && (
        <PublicDatasetTable datasets={connection.edges.map(({ node }) => node)} />
      )}
      <Pager place={place} size={pageSize} connection={connection} />
    </Page>
  )
}
