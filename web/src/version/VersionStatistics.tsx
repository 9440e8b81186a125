import { useQuery } from '@apollo/client/react'
import { Accordion, SimpleGrid, Skeleton, Stack, Text, Title } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Problem } from '../look/Problem.tsx'
import { useFormats } from '../look/formats.ts'
import { VersionStatisticsDocument } from './version.generated.ts'

/** Sizes of boxes and images and annotations per image; counted by the server when they are asked for. */
export function VersionStatistics({ versionId }: { versionId: string }) {
  const { t } = useTranslation('version')
  const [open, setOpen] = useState<string | null>(null)
  return (
    <Accordion variant="contained" value={open} onChange={setOpen}>
      <Accordion.Item value="statistics">
        <Accordion.Control>{t('statistics')}</Accordion.Control>
        <Accordion.Panel>{open && <Figures versionId={versionId} />}</Accordion.Panel>
      </Accordion.Item>
    </Accordion>
  )
}

function Figures({ versionId }: { versionId: string }) {
  const { t } = useTranslation('version')
  const { number } = useFormats()
  const { data, error, refetch } = useQuery(VersionStatisticsDocument, { variables: { id: versionId } })
  if (error) return <Problem error={error} retry={() => void refetch()} />
  const version = data?.datasetVersion
  if (!version) return <Skeleton h={160} />
  const { boxAreas, imageAreas, annotationsPerAsset } = version.statistics
  const side = (area: number) => number(Math.round(Math.sqrt(area)))
  return (
    <SimpleGrid cols={{ base: 1, sm: 3 }} spacing="xl">
      <Histogram title={t('boxSizes')} unit={t('sidePixels')} bins={boxAreas} name={side} />
      <Histogram title={t('imageSizes')} unit={t('sidePixels')} bins={imageAreas} name={side} />
      <Histogram
        title={t('annotationsPerImage')}
        unit={t('negativesOf', { count: version.negativeCount, number: number(version.negativeCount) })}
        bins={annotationsPerAsset}
        name={number}
      />
    </SimpleGrid>
  )
}

interface Bin {
  readonly from: number
  readonly to: number | null
  readonly count: number
}

interface HistogramProps {
  readonly title: string
  readonly unit: string
  readonly bins: readonly Bin[]
  readonly name: (edge: number) => string
}

/** Bars from the first bin that holds something to the last one that does. */
export function Histogram({ title, unit, bins, name }: HistogramProps) {
  const { number } = useFormats()
  const first = bins.findIndex(({ count }) => count > 0)
  const filled = bins.slice(Math.max(0, first), bins.findLastIndex(({ count }) => count > 0) + 1)
  const most = Math.max(1, ...filled.map(({ count }) => count))
  return (
    <Stack gap={4} component="section" aria-label={title}>
      <Title order={3} size="h6">
        {title}
      </Title>
      <Text size="xs" c="dimmed">
        {unit}
      </Text>
      <div className="histogram">
        {filled.map(({ from, to, count }) => (
          <div
            key={from}
            className="bin"
            title={`${name(from)}–${to === null ? '∞' : name(to)}: ${number(count)}`}
          >
            <div className="column" style={{ height: `${(count / most) * 100}%` }} />
            <span>{name(from)}</span>
          </div>
        ))}
      </div>
    </Stack>
  )
}
