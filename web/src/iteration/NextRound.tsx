import { Anchor, Button, Group, Paper, Stack, Text, Title } from '@mantine/core'
import { useMutation, useQuery } from '@apollo/client/react'
import { IconArrowRight, IconPlayerPlay } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { Link, useNavigate } from 'react-router'
import { Problem } from '../look/Problem.tsx'
import { useFormats } from '../look/formats.ts'
import { isOver } from '../plan/PlanPanel.tsx'
import { mayAs } from '../project/may.ts'
import { RoundsDocument, StartIterationDocument } from './iteration.generated.ts'
import type { Round } from './IterationPage.tsx'
import { Change } from './RoundsTable.tsx'

/** What the round brought, and the next one. */
export function NextRound({ round }: { readonly round: Round }) {
  const { t } = useTranslation('iteration')
  const { percent, number } = useFormats()
  const navigate = useNavigate()
  const projectId = round.project.id
  const { data } = useQuery(RoundsDocument, { variables: { projectId } })
  const line = data?.project?.rounds.find(({ iteration }) => iteration?.id === round.id)
  const later = round.project.iterations.find((one) => one.round === round.round + 1)
  const isPlanned = round.plan !== null && !isOver(round.plan)
  const [start, { loading, error }] = useMutation(StartIterationDocument)
  const begin = async () => {
    const answer = await start({ variables: { input: { projectId } } }).catch(() => undefined) // `error` tells
    const id = answer?.data?.startIteration.iteration.id
    if (id) void navigate(`/projects/${projectId}/iterations/${id}`)
  }
  return (
    <Paper withBorder p="lg" component="section" aria-labelledby="brought">
      <Stack>
        <Title order={2} size="h4" id="brought">
          {t('roundBrought', { round: round.round })}
        </Title>
        {line && (
          <Group gap="xl" className="figures">
            <Figure name={t('map')}>
              {line.map50 !== null && percent(line.map50)}{' '}
              {line.change !== null && <Change by={line.change} />}
            </Figure>
            <Figure name={t('training')}>
              {t('fromTo', {
                from: number(round.trainingVersion.assetCount),
                to: number(line.trainingCount),
              })}
            </Figure>
            <Figure name={t('pool')}>{number(line.poolCount)}</Figure>
          </Group>
        )}
        <Problem error={error} />
        <Group>
          {later && (
            <Button
              component={Link}
              to={`/projects/${projectId}/iterations/${later.id}`}
              size="md"
              rightSection={<IconArrowRight size={18} aria-hidden />}
            >
              {t('toRound', { round: later.round })}
            </Button>
          )}
          {!later && !isPlanned && mayAs('EDITOR', round.project) && (
            <Button
              size="md"
              leftSection={<IconPlayerPlay size={18} aria-hidden />}
              loading={loading}
              onClick={() => void begin()}
            >
              {t('startRound', { round: round.round + 1 })}
            </Button>
          )}
          <Anchor component={Link} to={`/projects/${projectId}/iterations`} size="sm">
            {later ? t('toRounds') : t('changeFirst')}
          </Anchor>
        </Group>
        {!later && (
          <Text size="sm" c="dimmed">
            {t('laterRoundAdvice')}
          </Text>
        )}
      </Stack>
    </Paper>
  )
}

function Figure({ name, children }: { readonly name: string; readonly children: React.ReactNode }) {
  return (
    <div>
      <Text size="xs" c="dimmed">
        {name}
      </Text>
      <Text size="lg" fw={650}>
        {children}
      </Text>
    </div>
  )
}
