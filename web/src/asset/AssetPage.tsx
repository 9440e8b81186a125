import { useQuery } from '@apollo/client/react'
import { ActionIcon, Alert, Group, Skeleton, Stack, Text, Tooltip } from '@mantine/core'
import { IconChevronLeft, IconChevronRight, IconGridDots } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { Link, useParams } from 'react-router'
import { NotFound } from '../app/NotFound.tsx'
import { Page } from '../look/Page.tsx'
import { Problem } from '../look/Problem.tsx'
import { useFormats } from '../look/formats.ts'
import { LabelPanel } from '../version/LabelPanel.tsx'
import { PredictionPanel } from '../version/PredictionPanel.tsx'
import { shown, useView } from '../version/view.ts'
import { AssetFacts } from './AssetFacts.tsx'
import { AssetPageDocument, AssetPredictionsDocument } from './asset.generated.ts'
import { SimilarAssets } from './SimilarAssets.tsx'
import { useNeighbours } from './useNeighbours.ts'
import { ZoomableImage } from './ZoomableImage.tsx'

/** One image of a version, large, with all that is said of it. */
export function AssetPage() {
  const { t } = useTranslation('asset')
  const { number } = useFormats()
  const { versionId = '', assetId = '' } = useParams()
  const { view, params, set, hide } = useView()
  const { data, previousData, error, refetch } = useQuery(AssetPageDocument, {
    variables: { versionId, assetId },
  })
  const { setId } = view.drawn
  const found = useQuery(AssetPredictionsDocument, {
    variables: { versionId, assetId, setId: setId ?? '' },
    skip: setId === undefined,
  })
  const version = (data ?? previousData)?.datasetVersion
  const asset = data?.datasetVersion?.asset
  const neighbours = useNeighbours({ versionId, params, view, position: asset?.position })
  if (data && !version) return <NotFound />
  const isMissing = data !== undefined && !asset
  const predictions = shown(found.data?.datasetVersion?.asset?.predictions ?? [], view.drawn).filter(
    ({ score }) => score >= view.drawn.score,
  )
  return (
    <Page
      title={
        neighbours.place === undefined
          ? t('image')
          : t('imageOf', {
              number: number(neighbours.place + 1),
              total: number(neighbours.total ?? version?.assetCount ?? 0),
            })
      }
      crumbs={[
        { label: version?.project.name, to: `/projects/${version?.project.id}` },
        { label: version?.dataset.name, to: `/datasets/${version?.dataset.id}` },
        { label: version ? t('version', { number: version.number }) : undefined, to: neighbours.gridAddress },
      ]}
      actions={<Steps neighbours={neighbours} />}
    >
      <Problem error={error} retry={() => void refetch()} />
      {isMissing && <Alert color="orange">{t('notInVersion')}</Alert>}
      {!isMissing && (
        <div className="asset-columns">
          <Stack gap="md">
            {asset ? (
              <ZoomableImage
                key={asset.url}
                asset={asset}
                annotations={view.drawn.showsTruth ? shown(asset.annotations, view.drawn) : []}
                predictions={predictions}
                alt={t('imageAlt', { count: asset.annotations.length })}
              />
            ) : (
              <Skeleton h="calc(100dvh - 190px)" />
            )}
            <Text size="xs" c="dimmed">
              {t('keys')}
            </Text>
          </Stack>
          {asset && version && (
            <Stack gap="lg">
              <LabelPanel
                labels={countsOf(asset.annotations)}
                hidden={view.drawn.hiddenLabels}
                onHide={hide}
              />
              <PredictionPanel sets={version.predictionSets} drawn={view.drawn} set={set} />
              <AssetFacts asset={asset} />
              <SimilarAssets versionId={versionId} assetId={assetId} />
            </Stack>
          )}
        </div>
      )}
    </Page>
  )
}

function Steps({
  neighbours: { previous, next, gridAddress },
}: {
  neighbours: ReturnType<typeof useNeighbours>
}) {
  const { t } = useTranslation('asset')
  return (
    <Group gap="xs">
      <Step to={previous} label={t('previous')} icon={<IconChevronLeft size={20} aria-hidden />} />
      <Step to={next} label={t('next')} icon={<IconChevronRight size={20} aria-hidden />} />
      <Step to={gridAddress} label={t('toGrid')} icon={<IconGridDots size={18} aria-hidden />} />
    </Group>
  )
}

function Step({ to, label, icon }: { to: string | undefined; label: string; icon: React.ReactNode }) {
  if (to === undefined)
    return (
      <ActionIcon variant="default" size="lg" aria-label={label} disabled>
        {icon}
      </ActionIcon>
    )
  return (
    <Tooltip label={label}>
      <ActionIcon component={Link} to={to} replace variant="default" size="lg" aria-label={label}>
        {icon}
      </ActionIcon>
    </Tooltip>
  )
}

function countsOf(annotations: readonly { readonly label: string }[]) {
  const counts = new Map<string, number>()
  for (const { label } of annotations) counts.set(label, (counts.get(label) ?? 0) + 1)
  return [...counts].map(([label, annotationCount]) => ({
    __typename: 'LabelCount' as const,
    label,
    annotationCount,
  }))
}
