import { Badge, Grid } from '@mantine/core'
import { useQuery } from '@apollo/client/react'
import { useTranslation } from 'react-i18next'
import { useParams, useSearchParams } from 'react-router'
import { FirstSkeleton } from '../app/Frame.tsx'
import { NotFound } from '../app/NotFound.tsx'
import { useProjectNews } from '../graph/live.ts'
import type { IterationStepName } from '../graph/schema.generated.ts'
import { Page } from '../look/Page.tsx'
import { Problem } from '../look/Problem.tsx'
import { useChoices } from './choices.ts'
import { IterationDocument, type IterationQuery } from './iteration.generated.ts'
import { nextOf, stepNames } from './next.ts'
import { NextRound } from './NextRound.tsx'
import { stateColours } from './RoundsTable.tsx'
import { StepPanel } from './StepPanel.tsx'
import { StepRail } from './StepRail.tsx'
import './iteration.css'

export type Round = NonNullable<IterationQuery['iteration']>
export type Step = Round['steps'][number]
export type Place = IterationStepName | 'NEXT'

/** One round as the steps that lead to its model; open is the one that is to be done next. */
export function IterationPage() {
  const { iterationId = '' } = useParams()
  const { data, error, refetch } = useQuery(IterationDocument, { variables: { id: iterationId } })
  const round = data?.iteration
  useProjectNews(round?.project.id)
  if (round === null) return <NotFound />
  if (error && !round) return <Problem error={error} retry={() => void refetch()} />
  if (!round) return <FirstSkeleton />
  return <Workflow key={round.id} round={round} />
}

function Workflow({ round }: { readonly round: Round }) {
  const { t } = useTranslation('iteration')
  const { choices } = useChoices(round.project.id)
  const next = nextOf(round.steps)
  const due: Place = next.action === 'nextRound' ? 'NEXT' : next.step
  const [place, look] = usePlace(due)
  const step = round.steps.find(({ name }) => name === place)
  return (
    <Page
      title={t('roundNumber', { round: round.round })}
      crumbs={[
        { label: round.project.name, to: `/projects/${round.project.id}` },
        { label: t('rounds'), to: `/projects/${round.project.id}/iterations` },
      ]}
      beside={
        <Badge variant="light" color={stateColours[round.state]} tt="none" fw={600}>
          {t(`stateName.${round.state}`)}
        </Badge>
      }
      facts={round.automatic && t('runsByItself')}
    >
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, md: 4, lg: 3 }}>
          <StepRail steps={round.steps} place={place} due={due} onLook={look} />
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 8, lg: 9 }}>
          {place === 'NEXT' && <NextRound round={round} />}
          {step && (
            <StepPanel
              key={`${step.name} ${step.startedAt} ${choices !== undefined}`}
              round={round}
              step={step}
              choices={choices}
              isDue={due === step.name}
            />
          )}
        </Grid.Col>
      </Grid>
    </Page>
  )
}

/** Where one looks: at what is due, unless another step was opened; kept in the address. */
function usePlace(due: Place): [Place, (place: Place) => void] {
  const [search, setSearch] = useSearchParams()
  const chosen = search.get('step')
  const place = stepNames.find((name) => name === chosen) ?? due
  const look = (to: Place) => setSearch(to === due || to === 'NEXT' ? {} : { step: to })
  return [place, look]
}
