import '../task-items.css'
import { useQuery } from '@apollo/client/react'
import { Group, SimpleGrid, Skeleton, Stack, Text, Title } from '@mantine/core'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { labelColour } from '../../asset/label-colour.ts'
import { useFormats } from '../../look/formats.ts'
import { Pager, usePlace } from '../../look/Pager.tsx'
import { Problem } from '../../look/Problem.tsx'
import type { Task } from '../TaskPage.tsx'
import { LabellingDraftChangesDocument, type LabellingDraftChangesQuery } from './quality.generated.ts'

type Item = NonNullable<
  LabellingDraftChangesQuery['labellingTask']
>['draft']['items']['edges'][number]['node']
type Change = NonNullable<Item['changes']>[number]
type Box = NonNullable<Change['after']>['box']

const pageSize = 12
const kinds = ['ADDED', 'REMOVED', 'MOVED', 'RELABELLED'] as const satisfies Change['kind'][]

/** The images whose answer is another than what it started from, each with what was changed. */
export function DraftChanges({ task: { id, version, doneCount, acceptedCount } }: { task: Task }) {
  const { t } = useTranslation('labelling')
  const place = usePlace()
  const { data, previousData, error, refetch } = useQuery(LabellingDraftChangesDocument, {
    variables: { taskId: id, first: pageSize, after: place.after },
  })
  useEffect(() => void refetch(), [refetch, doneCount, acceptedCount])
  const items = (data ?? previousData)?.labellingTask?.draft.items
  if (error && !items) return <Problem error={error} retry={() => void refetch()} />
  if (!items) return <Skeleton h={160} />
  return (
    <Stack gap="sm">
      <div>
        <Title order={3} size="h5">
          {t('changedImages')}
        </Title>
        <Text size="sm" c="dimmed">
          {t('changedImagesWhy')}
        </Text>
      </div>
      <SimpleGrid
        component="ul"
        className="plain-list"
        cols={{ base: 2, xs: 3, sm: 4, md: 5, lg: 6 }}
        spacing="sm"
      >
        {items.edges.map(({ node }, index) => (
          <li key={node.id}>
            <ChangedImage item={node} versionId={version.id} number={place.index * pageSize + index + 1} />
          </li>
        ))}
      </SimpleGrid>
      <Pager place={place} size={pageSize} connection={items} />
    </Stack>
  )
}

interface ChangedImageProps {
  readonly item: Item
  readonly versionId: string
  /** Of all that were changed, from 1. */
  readonly number: number
}

function ChangedImage({ item, versionId, number }: ChangedImageProps) {
  const { t } = useTranslation('labelling')
  const formats = useFormats()
  const { assetId, thumbnailUrl, width, height } = item
  const changes = item.changes?.filter(({ kind }) => kind !== 'KEPT') ?? []
  const counts = kinds
    .map((kind) => ({ kind, count: changes.filter((change) => change.kind === kind).length }))
    .filter(({ count }) => count > 0)
  return (
    <Link to={`/versions/${versionId}/assets/${assetId}`} className="item-card">
      <svg
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={t('changedImage', { number: formats.number(number) })}
      >
        <image href={thumbnailUrl} width={width} height={height} />
        {changes.map(({ before, after }, index) => (
          <g key={index}>
            {before && <Outline {...before} isBefore />}
            {after && <Outline {...after} />}
          </g>
        ))}
      </svg>
      <Group component="span" gap={6} className="item-words">
        {counts.map(({ kind, count }) => (
          <Text key={kind} component="span" size="xs">
            {t(`changes.${kind}`, { count })}
          </Text>
        ))}
      </Group>
    </Link>
  )
}

interface OutlineProps {
  readonly label: string
  readonly box: Box
  readonly isBefore?: boolean
}

function Outline({ label, box: { x, y, width, height }, isBefore = false }: OutlineProps) {
  return (
    <rect
      x={x}
      y={y}
      width={width}
      height={height}
      fill="none"
      stroke={labelColour(label)}
      strokeWidth={2}
      strokeDasharray={isBefore ? '5 3' : undefined}
      vectorEffect="non-scaling-stroke"
    />
  )
}
