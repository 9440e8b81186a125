import { Paper, SimpleGrid, Text } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useLive } from '../graph/live.ts'
import { useFormats } from '../look/formats.ts'
import { JobResourcesDocument, type JobResourcesSubscription } from './job.generated.ts'
import { LineChart, type Line } from './LineChart.tsx'
import { lineColours } from './ScalarCharts.tsx'
import type { Point } from './scalars.ts'

type Measured = JobResourcesSubscription['jobResources']

/** Ten minutes, measured once a second. */
const kept = 600

/** What a running job uses, from now on. */
export function ResourceCharts({ jobId }: { jobId: string }) {
  const { t } = useTranslation('job')
  const { bytes, percent, number } = useFormats()
  const [measured, setMeasured] = useState<readonly Measured[]>([])
  useLive(
    JobResourcesDocument,
    { jobId },
    { onUpdate: ({ jobResources }) => setMeasured((before) => [...before, jobResources].slice(-kept)) },
  )
  const last = measured.at(-1)
  if (!last)
    return (
      <Text c="dimmed" size="sm">
        {t('notMeasured')}
      </Text>
    )
  const start = Date.parse(measured[0]!.measuredAt)
  const over = (value: (one: Measured) => number | null | undefined): Point[] =>
    measured.flatMap((one) => {
      const y = value(one)
      return y === null || y === undefined ? [] : [{ x: (Date.parse(one.measuredAt) - start) / 1000, y }]
    })
  const gpuLines = last.gpus.map(({ uuid }, index) => ({
    name: t('gpu', { number: index }),
    colour: lineColours[index % lineColours.length]!,
    points: over(({ gpus }) => perCent(gpus.find((gpu) => gpu.uuid === uuid)?.utilisation)),
  }))
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }}>
      <Small
        name={t('processors')}
        format={(value) => number(Math.round(value * 10) / 10)}
        lines={[{ name: t('cores'), colour: lineColours[0]!, points: over(({ cpuCores }) => cpuCores) }]}
      />
      <Small
        name={last.memoryLimitBytes ? t('memoryOf', { limit: bytes(last.memoryLimitBytes) }) : t('memory')}
        format={bytes}
        lines={[{ name: t('used'), colour: lineColours[2]!, points: over(({ memoryBytes }) => memoryBytes) }]}
      />
      {gpuLines.length > 0 && <Small name={t('gpuUse')} format={percent} lines={gpuLines} />}
    </SimpleGrid>
  )
}

function perCent(utilisation: number | null | undefined): number | undefined {
  return utilisation === null || utilisation === undefined ? undefined : utilisation / 100
}

function Small({ name, format, lines }: { name: string; format: (y: number) => string; lines: Line[] }) {
  const { t } = useTranslation('job')
  return (
    <Paper withBorder p="sm">
      <Text size="sm" fw={600} mb={4}>
        {name}
      </Text>
      <LineChart height={96} label={name} xName={t('seconds')} format={format} lines={lines} />
    </Paper>
  )
}
