import { Anchor, Group, Skeleton, Stack, Title } from '@mantine/core'
import { useQuery } from '@apollo/client/react'
import { lazy, Suspense } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { HomePublicDatasetsDocument } from './home.generated.ts'
import { withWords } from '../words/words.ts'

const PublicDatasetTable = lazy(
  withWords(['dataset'], async () => ({
    default: (await import('../dataset/PublicDatasetTable.tsx')).PublicDatasetTable,
  })),
)

/** The newest datasets that everyone may use; nothing where there are none. */
export function PublicDatasets() {
  const { t } = useTranslation('home')
  const { data } = useQuery(HomePublicDatasetsDocument)
  if (!data || data.publicDatasets.totalCount === 0) return null
  return (
    <Stack gap="xs" component="section">
      <Group justify="space-between">
        <Title order={2} size="h4">
          {t('publicDatasets')}
        </Title>
        <Anchor component={Link} to="/public-datasets" size="sm">
          {t('allPublicDatasets')}
        </Anchor>
      </Group>
      <Suspense fallback={<Skeleton h={120} />}>
        <PublicDatasetTable datasets={data.publicDatasets.edges.map(({ node }) => node)} />
      </Suspense>
    </Stack>
  )
}
