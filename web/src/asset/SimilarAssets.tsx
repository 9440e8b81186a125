import { useQuery } from '@apollo/client/react'
import { SimpleGrid, Skeleton, Stack, Text, Title } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { Problem } from '../look/Problem.tsx'
import { AssetImage } from './AssetImage.tsx'
import { SimilarAssetsDocument } from './asset.generated.ts'

const shownAtMost = 6

/** Images of the same version that look alike. */
export function SimilarAssets({ versionId, assetId }: { versionId: string; assetId: string }) {
  const { t } = useTranslation('asset')
  const { data, error } = useQuery(SimilarAssetsDocument, {
    variables: { versionId, assetId, first: shownAtMost },
  })
  const similar = data?.datasetVersion?.asset?.similar
  return (
    <Stack gap="xs" component="section" aria-label={t('similar')}>
      <Title order={2} size="h5">
        {t('similar')}
      </Title>
      <Problem error={error} />
      {!similar && !error && <Skeleton h={80} />}
      {similar?.length === 0 && (
        <Text size="sm" c="dimmed">
          {t('noneSimilar')}
        </Text>
      )}
      <SimpleGrid cols={3} spacing={6}>
        {similar?.map(({ asset, distance }) => (
          <Link
            key={asset.id}
            to={`/versions/${versionId}/assets/${asset.id}`}
            className="similar"
            title={t('bitsDiffer', { count: distance })}
          >
            <AssetImage
              src={asset.thumbnailUrl}
              width={asset.width}
              height={asset.height}
              annotations={asset.annotations}
              alt={t('similarImage', { count: distance })}
            />
          </Link>
        ))}
      </SimpleGrid>
    </Stack>
  )
}
