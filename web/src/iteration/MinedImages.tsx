import { Button, Group, Skeleton, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@apollo/client/react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { AssetImage } from '../asset/AssetImage.tsx'
import { Problem } from '../look/Problem.tsx'
import { useFormats } from '../look/formats.ts'
import { LeftOut } from './LeftOut.tsx'
import { wordsOfReason } from './reason.ts'
import { MinedImagesDocument, MinedSizesDocument, type MinedImagesQuery } from './iteration.generated.ts'

const atATime = 24

type Mined = NonNullable<MinedImagesQuery['miningTask']>['assets']['edges'][number]['node']
interface Size {
  readonly width: number
  readonly height: number
}

/** What was mined, the most instructive first, with what the model found in it. */
export function MinedImages({ taskId, versionId }: { readonly taskId: string; readonly versionId: string }) {
  const { t } = useTranslation('iteration')
  const { number } = useFormats()
  const [first, setFirst] = useState(atATime)
  const { data, previousData, error, refetch } = useQuery(MinedImagesDocument, {
    variables: { id: taskId, first },
  })
  const sizes = useSizes(versionId)
  const task = (data ?? previousData)?.miningTask
  const assets = task?.assets
  if (error && !assets) return <Problem error={error} retry={() => void refetch()} />
  if (!assets) return <Skeleton h={180} aria-label={t('loading')} />
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <Title order={3} size="h5">
          {t('minedImages', { count: assets.totalCount, images: number(assets.totalCount) })}
        </Title>
        <Button component={Link} to={`/versions/${versionId}`} variant="subtle" size="compact-sm">
          {t('lookAtThem')}
        </Button>
      </Group>
      <LeftOut {...task.duplicatesLeftOut} />
      <ol className="mined">
        {assets.edges.map(({ node }) => (
          <MinedImage key={node.assetId} mined={node} versionId={versionId} size={sizes.get(node.assetId)} />
        ))}
      </ol>
      {assets.pageInfo.hasNextPage && (
        <Group justify="center">
          <Button variant="default" size="xs" onClick={() => setFirst(Math.min(500, first + 2 * atATime))}>
            {t('showMore')}
          </Button>
        </Group>
      )}
    </Stack>
  )
}

/** Sizes of the images in pixels, in which boxes are measured. */
function useSizes(versionId: string): ReadonlyMap<string, Size> {
  const { data } = useQuery(MinedSizesDocument, { variables: { versionId } })
  return new Map(
    data?.datasetVersion?.assets.edges.map(({ node: { id, width, height } }) => [id, { width, height }]),
  )
}

function MinedImage({
  mined: { assetId, rank, score, reason, thumbnailUrl, predictions },
  versionId,
  size,
}: {
  readonly mined: Mined
  readonly versionId: string
  readonly size: Size | undefined
}) {
  const { t, i18n } = useTranslation('iteration')
  const formats = useFormats()
  const { number } = formats
  const figure = new Intl.NumberFormat(i18n.language, { maximumSignificantDigits: 3 }).format(score)
  return (
    <li>
      <Link to={`/versions/${versionId}/assets/${assetId}`}>
        {size ? (
          <AssetImage
            className="mined-image"
            src={thumbnailUrl}
            {...size}
            predictions={predictions}
            alt={t('minedImage', { rank: number(rank) })}
          />
        ) : (
          <Skeleton className="mined-image" />
        )}
        <Group justify="space-between" mt={4} className="figures">
          <Text size="xs" fw={600}>
            {t('rank', { rank: number(rank) })}
          </Text>
          <Text size="xs" c="dimmed">
            {t('score', { score: figure })}
          </Text>
        </Group>
        {wordsOfReason({ reason, score }, t, formats, i18n.language).map((words) => (
          <Text key={words} size="xs">
            {words}
          </Text>
        ))}
        {predictions.length > 0 && (
          <Text size="xs" c="dimmed" truncate>
            {t('boxesFound', { count: predictions.length, boxes: number(predictions.length) })}
          </Text>
        )}
      </Link>
    </li>
  )
}
