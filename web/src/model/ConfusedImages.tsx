import { Anchor, Button, Drawer, SimpleGrid, Stack, Text } from '@mantine/core'
import { useQuery } from '@apollo/client/react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { BoxedImage, type DrawnBox } from './BoxedImage.tsx'
import type { ChosenCell } from './Confusion.tsx'
import { ListSkeleton } from '../look/ListSkeleton.tsx'
import { Problem } from '../look/Problem.tsx'
import { ConfusedAssetsDocument, type ConfusedAssetsQuery } from './model.generated.ts'

type ConfusedAsset = NonNullable<ConfusedAssetsQuery['evaluation']>['confusedAssets']['edges'][number]['node']

/** The images behind a cell of a confusion matrix, with the boxes that make it. */
export function ConfusedImages({
  evaluationId,
  cell,
  scoreThreshold,
  onClose,
}: {
  evaluationId: string
  cell: ChosenCell
  scoreThreshold: number
  onClose: () => void
}) {
  const { t } = useTranslation('model')
  const { data, error, refetch, fetchMore, loading } = useQuery(ConfusedAssetsDocument, {
    variables: { id: evaluationId, ...cell, scoreThreshold },
    fetchPolicy: 'no-cache',
  })
  const found = data?.evaluation?.confusedAssets
  const names = {
    groundTruth: cell.groundTruth ?? t('background'),
    predicted: cell.predicted ?? t('background'),
  }
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size="xl"
      title={t('cellTitle', names)}
      closeButtonProps={{ 'aria-label': t('closeImages') }}
    >
      <Stack>
        <Text size="sm" c="dimmed">
          {t('cellAdvice')}
        </Text>
        {error && <Problem error={error} retry={() => void refetch()} />}
        {!found && !error && <ListSkeleton rows={3} height={160} />}
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          {found?.edges.map(({ node }) => (
            <Anchor
              key={node.assetId}
              component={Link}
              to={`/versions/${data?.evaluation?.version.id}/assets/${node.assetId}`}
              aria-label={t('openImage')}
            >
              <BoxedImage src={node.url} alt="" boxes={boxesOf(node, cell)} />
            </Anchor>
          ))}
        </SimpleGrid>
        {found?.pageInfo.hasNextPage && (
          <Button
            variant="default"
            loading={loading}
            onClick={() =>
              void fetchMore({
                variables: { after: found.pageInfo.endCursor },
                updateQuery: (before, { fetchMoreResult }) => withMore(before, fetchMoreResult),
              })
            }
          >
            {t('moreImages')}
          </Button>
        )}
      </Stack>
    </Drawer>
  )
}

function withMore(before: ConfusedAssetsQuery, more: ConfusedAssetsQuery): ConfusedAssetsQuery {
  if (!before.evaluation || !more.evaluation) return before
  const { confusedAssets } = more.evaluation
  const edges = [...before.evaluation.confusedAssets.edges, ...confusedAssets.edges]
  return { ...before, evaluation: { ...before.evaluation, confusedAssets: { ...confusedAssets, edges } } }
}

function boxesOf({ boxes }: ConfusedAsset, { groundTruth, predicted }: ChosenCell): DrawnBox[] {
  return boxes.flatMap(({ groundTruthBox, predictedBox, score }) => [
    ...(groundTruthBox && groundTruth ? [{ box: groundTruthBox, label: groundTruth }] : []),
    ...(predictedBox && predicted
      ? [{ box: predictedBox, label: predicted, score: score ?? undefined }]
      : []),
  ])
}
