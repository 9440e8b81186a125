import { useQuery } from '@apollo/client/react'
import { Anchor, Badge, Button, Drawer, Group, Skeleton, Stack, Text } from '@mantine/core'
import { useDisclosure, useMediaQuery } from '@mantine/hooks'
import { IconFilter } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { Link, useParams } from 'react-router'
import { NotFound } from '../app/NotFound.tsx'
import { Page } from '../look/Page.tsx'
import { Problem } from '../look/Problem.tsx'
import { AssetGrid } from './AssetGrid.tsx'
import { FilterPanel } from './FilterPanel.tsx'
import { GridToolbar } from './GridToolbar.tsx'
import { LabelPanel } from './LabelPanel.tsx'
import { Operations } from './operations/Operations.tsx'
import { PredictionPanel } from './PredictionPanel.tsx'
import { useAssetPages } from './useAssetPages.ts'
import { VersionFacts } from './VersionFacts.tsx'
import { VersionStatistics } from './VersionStatistics.tsx'
import { useView } from './view.ts'
import { VersionFactsDocument, type VersionFactsQuery } from './version.generated.ts'

export type VersionShown = NonNullable<VersionFactsQuery['datasetVersion']>

/** A dataset version: where it came from, what it holds, and all of its images. */
export function VersionPage() {
  const { t } = useTranslation('version')
  const { versionId = '' } = useParams()
  const { data, error, refetch } = useQuery(VersionFactsDocument, { variables: { id: versionId } })
  const version = data?.datasetVersion
  if (data && !version) return <NotFound />
  return (
    <Page
      title={version ? t('title', { dataset: version.dataset.name, number: version.number }) : undefined}
      crumbs={[
        { label: version?.project.name, to: `/projects/${version?.project.id}` },
        { label: version?.dataset.name, to: `/datasets/${version?.dataset.id}` },
      ]}
      facts={version && <VersionFacts version={version} />}
      actions={version && <Operations version={version} />}
    >
      <Problem error={error} retry={() => void refetch()} />
      <VersionStatistics versionId={versionId} />
      <Content key={versionId} versionId={versionId} version={version} />
    </Page>
  )
}

function Content({ versionId, version }: { versionId: string; version: VersionShown | undefined | null }) {
  const { t } = useTranslation(['version', 'app'])
  const { view, params, want, set, hide } = useView()
  const pages = useAssetPages(versionId, view)
  const isWide = useMediaQuery('(min-width: 62em)', true, { getInitialValueInEffect: false })
  const [isOpen, { open, close }] = useDisclosure()
  const addressOf = (asset: { id: string }, place: number) => {
    const next = new URLSearchParams(params)
    next.set('at', String(place))
    return `/versions/${versionId}/assets/${asset.id}?${next}`
  }
  const panel = version ? (
    <Stack gap="lg">
      <LabelPanel labels={version.labels} hidden={view.drawn.hiddenLabels} onHide={hide} />
      <PredictionPanel sets={version.predictionSets} drawn={view.drawn} set={set} />
      <FilterPanel
        key={JSON.stringify(view.filter)}
        labels={version.labels}
        sets={version.predictionSets}
        wanted={view}
        onWant={want}
      />
    </Stack>
  ) : (
    <Skeleton h={320} />
  )
  return (
    <div className="version-columns">
      {isWide ? (
        panel
      ) : (
        <>
          <Button variant="default" leftSection={<IconFilter size={16} aria-hidden />} onClick={open}>
            {t('labelsAndFilters')}
          </Button>
          <Drawer
            opened={isOpen}
            onClose={close}
            title={t('labelsAndFilters')}
            size="sm"
            closeButtonProps={{ 'aria-label': t('app:close') }}
          >
            {panel}
          </Drawer>
        </>
      )}
      <Stack gap="xs">
        <GridToolbar pages={pages} view={view} want={want} set={set} />
        {pages.error !== undefined && <Problem error={pages.error} retry={() => pages.retry()} />}
        {pages.totalCount === 0 ? (
          <Text c="dimmed">{view.filter ? t('noneFits') : t('noImages')}</Text>
        ) : (
          <AssetGrid
            key={view.seed}
            pages={pages}
            drawn={view.drawn}
            cellSize={isWide ? 170 : 104}
            at={view.at}
            addressOf={addressOf}
          />
        )}
      </Stack>
    </div>
  )
}

export function VersionLink({
  version,
}: {
  version: { id: string; number: number; dataset: { name: string } }
}) {
  const { t } = useTranslation('version')
  return (
    <Anchor component={Link} to={`/versions/${version.id}`} size="sm">
      {t('title', { dataset: version.dataset.name, number: version.number })}
    </Anchor>
  )
}

export function Tags({ tags }: { tags: readonly { name: string; isProtected: boolean }[] }) {
  return (
    <Group gap={4} component="span">
      {tags.map(({ name }) => (
        <Badge key={name} variant="light" tt="none">
          {name}
        </Badge>
      ))}
    </Group>
  )
}
