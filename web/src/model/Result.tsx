import { Alert, Group, Paper, Select, SimpleGrid, Stack, Text } from '@mantine/core'
import { useQuery } from '@apollo/client/react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { JobBar } from '../job/JobBar.tsx'
import { ListSkeleton } from '../look/ListSkeleton.tsx'
import { Problem } from '../look/Problem.tsx'
import { useFormats } from '../look/formats.ts'
import { ClassTable } from './ClassTable.tsx'
import { Confusion } from './Confusion.tsx'
import { EvaluateOn } from './EvaluateOn.tsx'
import { MapFigure } from './MapFigure.tsx'
import type { ShownModel } from './ModelPage.tsx'
import {
  EvaluationClassesDocument,
  ModelEvaluationsDocument,
  type EvaluationHeadFragment,
} from './model.generated.ts'
import { VersionLink } from './Origin.tsx'
import { PrecisionRecall } from './PrecisionRecall.tsx'
import { Section } from '../look/Section.tsx'
import { SummaryFigures } from './SummaryFigures.tsx'

/** How good a model is: its mAP with the noise of the test set, by class, and what it takes for what. */
export function Result({ model }: { model: ShownModel }) {
  const { t } = useTranslation('model')
  const { data, error, refetch } = useQuery(ModelEvaluationsDocument, { variables: { id: model.id } })
  const [chosenId, setChosenId] = useState<string | null>(null)
  const evaluations = data?.model?.evaluations
  const ownTest = evaluations?.find(
    ({ version, state }) => version.id === model.testVersion.id && state === 'SUCCEEDED',
  )
  const shown = evaluations?.find(({ id }) => id === chosenId) ?? ownTest ?? evaluations?.[0]
  return (
    <Section
      title={t('result')}
      actions={
        <Group gap="xs">
          {evaluations && evaluations.length > 1 && (
            <Select
              aria-label={t('evaluationShown')}
              value={shown?.id ?? null}
              onChange={setChosenId}
              allowDeselect={false}
              data={evaluations.map(({ id, version, stage }) => ({
                value: id,
                label: t('evaluationName', {
                  name: version.dataset.name,
                  number: version.number,
                  stage: stage.name,
                }),
              }))}
            />
          )}
          <EvaluateOn
            model={model}
            onStarted={(id) => {
              setChosenId(id)
              void refetch()
            }}
          />
        </Group>
      }
    >
      <Problem error={error} />
      {!evaluations && !error && <ListSkeleton rows={3} height={72} />}
      {shown && (
        <Evaluation
          key={shown.id}
          evaluation={shown}
          before={shown.id === ownTest?.id ? (model.startStage?.model.map50 ?? null) : null}
          beforeName={model.startStage?.model.name}
        />
      )}
    </Section>
  )
}

function Evaluation({
  evaluation,
  before,
  beforeName,
}: {
  evaluation: EvaluationHeadFragment
  before: number | null
  beforeName: string | undefined
}) {
  const { t } = useTranslation('model')
  const { percent } = useFormats()
  const { interval, map50, version, state, problem, jobId } = evaluation
  if (state === 'RUNNING') return <JobBar id={jobId} />
  if (state === 'FAILED') return <Problem error={problem ?? t('evaluationFailed')} />
  return (
    <Stack gap="md">
      <Paper withBorder p="lg">
        <Group gap="xl" align="flex-end">
          <Stack gap={2} data-figure="map50">
            <Text size="sm" c="dimmed">
              {t('map50')}
            </Text>
            <MapFigure map={map50} before={before} size="xl" />
            <Text size="sm" c="dimmed" className="figures">
              {interval &&
                t('interval', {
                  low: percent(interval.low),
                  high: percent(interval.high),
                  confidence: Math.round(interval.confidence * 100),
                })}
            </Text>
            {before !== null && beforeName && (
              <Text size="xs" c="dimmed">
                {t('againstStart', { name: beforeName })}
              </Text>
            )}
          </Stack>
          <Stack gap={2}>
            <Text size="sm" c="dimmed">
              {t('measuredOn')}
            </Text>
            <VersionLink version={version} />
          </Stack>
        </Group>
      </Paper>
      {version.assetCount < 30 && (
        <Alert color="yellow" variant="light">
          {t('smallTestSet', { count: version.assetCount })}
        </Alert>
      )}
      <Details evaluationId={evaluation.id} />
    </Stack>
  )
}

function Details({ evaluationId }: { evaluationId: string }) {
  const { data, error, refetch } = useQuery(EvaluationClassesDocument, { variables: { id: evaluationId } })
  const evaluation = data?.evaluation
  if (error && !evaluation) return <Problem error={error} retry={() => void refetch()} />
  if (!evaluation) return <ListSkeleton rows={4} />
  return (
    <Stack gap="lg">
      <SummaryFigures summary={evaluation.summary} />
      <ClassTable classes={evaluation.classes} />
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="lg">
        <PrecisionRecall classes={evaluation.classes} />
        <Confusion evaluationId={evaluationId} />
      </SimpleGrid>
    </Stack>
  )
}
