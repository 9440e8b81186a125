import { useQuery } from '@apollo/client/react'
import { Badge, Group, Paper, SimpleGrid, Skeleton, Stack, Text, Title } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { AssetImage } from '../asset/AssetImage.tsx'
import type { AssetPartsFragment } from '../asset/asset-parts.generated.ts'
import { Pager, usePlace } from '../look/Pager.tsx'
import { Problem } from '../look/Problem.tsx'
import { VersionChangesDocument, type VersionChangesQuery } from './diff.generated.ts'

const pageSize = 24

type Change = VersionChangesQuery['datasetDiff']['changes']['edges'][number]['node']

const colours = { ADDED: 'teal', REMOVED: 'red', CHANGED: 'orange' } as const

/** Each asset that is different, as both versions have it. */
export function Changes({ from, to }: { from: string; to: string }) {
  const { t } = useTranslation('version')
  const place = usePlace()
  const { data, previousData, error, refetch } = useQuery(VersionChangesDocument, {
    variables: { from, to, first: pageSize, after: place.after },
  })
  const changes = (data ?? previousData)?.datasetDiff.changes
  if (error) return <Problem error={error} retry={() => void refetch()} />
  if (!changes) return <Skeleton h={240} />
  return (
    <Stack gap="xs" component="section">
      <Title order={2} size="h4">
        {t('changedImages')}
      </Title>
      {changes.totalCount === 0 && <Text c="dimmed">{t('noChanges')}</Text>}
      <SimpleGrid cols={{ base: 1, md: 2, xl: 3 }}>
        {changes.edges.map(({ node }) => (
          <ChangeCard key={node.assetId} change={node} from={from} to={to} />
        ))}
      </SimpleGrid>
      <Pager place={place} size={pageSize} connection={changes} />
    </Stack>
  )
}

function ChangeCard({ change, from, to }: { change: Change; from: string; to: string }) {
  const { t } = useTranslation('version')
  const said = [
    ...change.addedAnnotations.map(({ label }) => `+ ${label}`),
    ...change.removedAnnotations.map(({ label }) => `− ${label}`),
    ...change.changedAnnotations.map(({ from: before, to: after }) =>
      before.label === after.label
        ? t('boxMoved', { label: after.label })
        : `${before.label} → ${after.label}`,
    ),
    ...change.addedTags.map((tag) => `+ #${tag}`),
    ...change.removedTags.map((tag) => `− #${tag}`),
    ...change.changedMetadataKeys.map((key) => t('metadataChanged', { key })),
  ]
  return (
    <Paper withBorder p="xs">
      <Group justify="space-between" mb={6}>
        <Badge color={colours[change.kind]} variant="light" tt="none">
          {t(`kind.${change.kind}`)}
        </Badge>
      </Group>
      <div className="both-sides">
        <Side asset={change.from} versionId={from} absent={t('notThere')} name={t('before')} />
        <Side asset={change.to} versionId={to} absent={t('notThere')} name={t('after')} />
      </div>
      {change.kind === 'CHANGED' && (
        <Text size="xs" mt={6} lineClamp={3}>
          {summary(said).join(' · ')}
        </Text>
      )}
    </Paper>
  )
}

function Side({
  asset,
  versionId,
  absent,
  name,
}: {
  asset: AssetPartsFragment | null
  versionId: string
  absent: string
  name: string
}) {
  if (!asset)
    return (
      <div className="side absent">
        <Text size="xs" c="dimmed">
          {absent}
        </Text>
      </div>
    )
  return (
    <Link to={`/versions/${versionId}/assets/${asset.id}`} className="side">
      <AssetImage
        src={asset.thumbnailUrl}
        width={asset.width}
        height={asset.height}
        annotations={asset.annotations}
        alt={name}
      />
    </Link>
  )
}

/** Equal words once, with how often: `+ disc ×3`. */
function summary(words: readonly string[]): string[] {
  const counts = new Map<string, number>()
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1)
  return [...counts].map(([word, count]) => (count > 1 ? `${word} ×${count}` : word))
}
