import { useQuery } from '@apollo/client/react'
import { CombinedGraphQLErrors } from '@apollo/client/errors'
import { SimpleGrid, Stack, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { AssetImage } from '../../asset/AssetImage.tsx'
import { useFormats } from '../../look/formats.ts'
import { ConflictAssetDocument } from '../merge.generated.ts'

const shownAtMost = 6

/** The images over which a merge stopped, as its versions have them. Nothing for other errors. */
export function StoppedMerge({ error, versionIds }: { error: unknown; versionIds: readonly string[] }) {
  const { t } = useTranslation('version')
  const { number } = useFormats()
  const assetIds = conflictingAssets(error)
  if (assetIds.length === 0) return null
  return (
    <Stack gap="xs">
      <Text size="sm">{t('merge.stopped', { number: number(Math.min(shownAtMost, assetIds.length)) })}</Text>
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        {assetIds.slice(0, shownAtMost).map((assetId) => (
          <div key={assetId} className="both-sides">
            {versionIds.map((versionId) => (
              <Side key={versionId} versionId={versionId} assetId={assetId} />
            ))}
          </div>
        ))}
      </SimpleGrid>
    </Stack>
  )
}

function Side({ versionId, assetId }: { versionId: string; assetId: string }) {
  const { t } = useTranslation('version')
  const { data } = useQuery(ConflictAssetDocument, { variables: { versionId, assetId } })
  const asset = data?.datasetVersion?.asset
  if (!asset) return null
  return (
    <Link to={`/versions/${versionId}/assets/${assetId}`} className="side">
      <AssetImage
        src={asset.thumbnailUrl}
        width={asset.width}
        height={asset.height}
        annotations={asset.annotations}
        alt={t('annotationsOf', { count: asset.annotations.length })}
      />
    </Link>
  )
}

/** The first ones: the error of the graph lists a hundred. */
function conflictingAssets(error: unknown): readonly string[] {
  if (!CombinedGraphQLErrors.is(error)) return []
  const stopped = error.errors.find(({ extensions }) => extensions?.code === 'MERGE_CONFLICT')
  const ids: unknown = stopped?.extensions?.assetIds
  return Array.isArray(ids) ? ids.filter((id) => typeof id === 'string') : []
}
