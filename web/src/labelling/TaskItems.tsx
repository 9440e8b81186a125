import './task-items.css'
import { useQuery } from '@apollo/client/react'
import { Button, Chip, Group, SimpleGrid, Skeleton, Stack, Text, Title } from '@mantine/core'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { useSearchParams } from 'react-router'
import { Problem } from '../look/Problem.tsx'
import type { LabellingItemState } from '../graph/schema.generated.ts'
import { labelColour } from '../asset/label-colour.ts'
import { LabellingTaskItemsDocument, type LabellingTaskItemsQuery } from './task.generated.ts'
import type { Task } from './TaskPage.tsx'

const states = [
  'WAITING',
  'CLAIMED',
  'LABELLED',
  'ACCEPTED',
  'SENT_BACK',
  'SKIPPED',
] as const satisfies LabellingItemState[]
type Item = NonNullable<LabellingTaskItemsQuery['labellingTask']>['items']['edges'][number]['node']

/** The images of a task, of one state or of all. */
export function TaskItems({ task }: { task: Task }) {
  const { t } = useTranslation('labelling')
  const [search, setSearch] = useSearchParams()
  const state = states.find((one) => one === search.get('state'))
  const { data, error, refetch, fetchMore } = useQuery(LabellingTaskItemsDocument, {
    variables: { taskId: task.id, states: state ? [state] : null },
  })
  useEffect(() => void refetch(), [refetch, task.doneCount, task.acceptedCount, task.itemsReady])
  const items = data?.labellingTask?.items

  const more = () =>
    fetchMore({
      variables: { after: items?.pageInfo.endCursor },
      updateQuery: (before, { fetchMoreResult: { labellingTask: next } }) => {
        if (!before.labellingTask || !next) return before
        const edges = [...before.labellingTask.items.edges, ...next.items.edges]
        return { labellingTask: { ...before.labellingTask, items: { ...next.items, edges } } }
      },
    })

  return (
    <Stack gap="sm">
      <Title order={2} size="h4">
        {t('itemsTitle')}
      </Title>
      <Chip.Group
        value={state ?? ''}
        onChange={(value) => setSearch(value === '' ? {} : { state: String(value) }, { replace: true })}
      >
        <Group gap="xs" role="group" aria-label={t('state')}>
          <Chip value="" size="xs">
            {t('all')}
          </Chip>
          {states.map((one) => (
            <Chip key={one} value={one} size="xs">
              {t(`item${one}`)}
            </Chip>
          ))}
        </Group>
      </Chip.Group>
      <Problem error={error} retry={() => void refetch()} />
      {!items && !error && <Skeleton h={200} />}
      {items && (
        <Text size="sm" c="dimmed">
          {t('images', { count: items.totalCount })}
        </Text>
      )}
      <SimpleGrid cols={{ base: 2, xs: 3, sm: 4, md: 5, lg: 6, xl: 8 }} spacing="sm">
        {items?.edges.map(({ node }) => (
          <ItemCard key={node.id} item={node} />
        ))}
      </SimpleGrid>
      {items?.pageInfo.hasNextPage && (
        <Button variant="default" onClick={() => void more()}>
          {t('more')}
        </Button>
      )}
    </Stack>
  )
}

function ItemCard({ item }: { item: Item }) {
  const { t } = useTranslation('labelling')
  const { width, height, thumbnailUrl, state, annotations, answeredBy, claimedBy, comment, skipReason } = item
  const who = state === 'CLAIMED' ? claimedBy?.name : answeredBy?.name
  const words = skipReason ?? comment
  return (
    <figure className="item-card">
      <svg
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={t('itemAlt', { state: t(`item${state}`), count: annotations.length })}
      >
        <image href={thumbnailUrl} width={width} height={height} />
        {annotations.map(({ label, box: { x, y, width: w, height: h } }, index) => (
          <rect
            key={index}
            x={x}
            y={y}
            width={w}
            height={h}
            fill="none"
            stroke={labelColour(label)}
            strokeWidth={2}
            vectorEffect="non-scaling-stroke"
          />
        ))}
      </svg>
      <figcaption>
        <Text size="xs" fw={600}>
          {t(`item${state}`)}
        </Text>
        <Text size="xs" c="dimmed" truncate>
          {who ?? t('boxes', { count: annotations.length })}
        </Text>
        {words && (
          <Text size="xs" c="dimmed" lineClamp={2}>
            {words}
          </Text>
        )}
      </figcaption>
    </figure>
  )
}
