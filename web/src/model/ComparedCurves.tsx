import { Paper, SimpleGrid, Text } from '@mantine/core'
import { useCallback, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { LineChart } from '../job/LineChart.tsx'
import { lineColours, useScalars } from '../job/ScalarCharts.tsx'
import { figuresOf, type Curves } from '../job/scalars.ts'
import type { ComparedModel } from './compared-models.ts'

/** The curves of all models over each other: one figure for each tag that they logged. */
export function ComparedCurves({ models }: { models: readonly ComparedModel[] }) {
  const { t } = useTranslation('model')
  const [byJob, setByJob] = useState<Readonly<Record<string, Curves>>>({})
  const take = useCallback(
    (jobId: string, curves: Curves) => setByJob((before) => ({ ...before, [jobId]: curves })),
    [],
  )
  const tags = new Map(Object.values(byJob).flatMap((curves) => [...curves.keys()].map((tag) => [tag, []])))
  return (
    <>
      {models.map(({ jobId }) => (
        <Logged key={jobId} jobId={jobId} onCurves={take} />
      ))}
      {tags.size === 0 && (
        <Text c="dimmed" size="sm">
          {t('noCurves')}
        </Text>
      )}
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        {figuresOf(tags)
          .flatMap((figure) => figure.tags)
          .map((tag) => (
            <Paper key={tag} withBorder p="sm">
              <Text size="sm" fw={600} mb={4}>
                {tag}
              </Text>
              <LineChart
                label={tag}
                xName={t('step')}
                lines={models.map(({ name, jobId }, index) => ({
                  name,
                  colour: lineColours[index % lineColours.length]!,
                  points: byJob[jobId]?.get(tag) ?? [],
                }))}
              />
            </Paper>
          ))}
      </SimpleGrid>
    </>
  )
}

/** Listens to one job; how many there are changes, and hooks must not. */
function Logged({ jobId, onCurves }: { jobId: string; onCurves: (jobId: string, curves: Curves) => void }) {
  const curves = useScalars(jobId)
  useEffect(() => onCurves(jobId, curves), [jobId, curves, onCurves])
  return null
}
