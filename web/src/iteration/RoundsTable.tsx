import { Anchor, Badge, Button, Group, Stack, Table, Text, Title } from '@mantine/core'
import { IconArrowDownRight, IconArrowRight, IconArrowUpRight, IconDownload } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import type { StepState } from '../graph/schema.generated.ts'
import { useFormats } from '../look/formats.ts'
import type { RoundsQuery } from './iteration.generated.ts'
import type { Interval } from './IterationsTab.tsx'
import './iteration.css'

type Project = NonNullable<RoundsQuery['project']>
type Round = Project['rounds'][number]
type Iteration = Project['iterations'][number]

export const stateColours = {
  WAITING: 'gray',
  RUNNING: 'blue',
  SUCCEEDED: 'teal',
  FAILED: 'red',
  CANCELLED: 'orange',
} as const satisfies Record<StepState, string>

/** A line for each round: what went in, what was left, what it brought. */
export function RoundsTable({
  project: { id, roundsUrl, rounds, iterations },
  intervals,
}: {
  readonly project: Project
  readonly intervals: ReadonlyMap<string, Interval>
}) {
  const { t } = useTranslation('iteration')
  const [start] = rounds
  return (
    <Stack gap="xs" component="section" aria-labelledby="rounds">
      <Group justify="space-between">
        <Title order={2} size="h4" id="rounds">
          {t('rounds')}
        </Title>
        {rounds.length > 0 && (
          <Button
            component="a"
            href={roundsUrl}
            download
            variant="default"
            size="compact-sm"
            leftSection={<IconDownload size={16} aria-hidden />}
          >
            {t('csv')}
          </Button>
        )}
      </Group>
      <Table.ScrollContainer minWidth={1000}>
        <Table verticalSpacing="sm" horizontalSpacing={6} className="figures" highlightOnHover>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('round')}</Table.Th>
              <Table.Th ta="right">{t('pool')}</Table.Th>
              <Table.Th ta="right">{t('training')}</Table.Th>
              <Table.Th ta="right">{t('images')}</Table.Th>
              <Table.Th ta="right">{t('boxes')}</Table.Th>
              <Table.Th ta="right">{t('labelling')}</Table.Th>
              <Table.Th ta="right">{t('computing')}</Table.Th>
              <Table.Th ta="right">{t('map')}</Table.Th>
              <Table.Th ta="right">{t('interval')}</Table.Th>
              <Table.Th ta="right">{t('gain')}</Table.Th>
              <Table.Th>{t('state')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {start && <StartRow round={start} interval={intervals.get(start.model.id)} />}
            {iterations.map((iteration) => {
              const line = rounds.find((round) => round.iteration?.id === iteration.id)
              return (
                <RoundRow
                  key={iteration.id}
                  projectId={id}
                  iteration={iteration}
                  line={line}
                  interval={line && intervals.get(line.model.id)}
                />
              )
            })}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Stack>
  )
}

function StartRow({ round, interval }: { readonly round: Round; readonly interval: Interval | undefined }) {
  const { t } = useTranslation('iteration')
  const { number } = useFormats()
  return (
    <Table.Tr>
      <Table.Td>
        <Text size="sm">{t('theStart')}</Text>
      </Table.Td>
      <Table.Td ta="right">{number(round.poolCount)}</Table.Td>
      <Table.Td ta="right">{number(round.trainingCount)}</Table.Td>
      <Table.Td colSpan={4} />
      <MapCells round={round} interval={interval} />
      <Table.Td />
    </Table.Tr>
  )
}

function RoundRow({
  projectId,
  iteration,
  line,
  interval,
}: {
  readonly projectId: string
  readonly iteration: Iteration
  readonly line: Round | undefined
  readonly interval: Interval | undefined
}) {
  const { t } = useTranslation('iteration')
  const [prepare, , , merge] = iteration.steps
  const poolBefore = prepare?.assetCount ?? iteration.miningVersion.assetCount
  const trained = line?.trainingCount ?? merge?.assetCount ?? undefined
  return (
    <Table.Tr data-round={iteration.round}>
      <Table.Td>
        <Anchor component={Link} to={`/projects/${projectId}/iterations/${iteration.id}`} fw={600} size="sm">
          {t('roundNumber', { round: iteration.round })}
        </Anchor>
      </Table.Td>
      <Table.Td ta="right">
        <FromTo from={poolBefore} to={line?.poolCount} />
      </Table.Td>
      <Table.Td ta="right">
        <FromTo from={iteration.trainingVersion.assetCount} to={trained} />
      </Table.Td>
      <CostCells round={line} />
      <MapCells round={line} interval={interval} />
      <Table.Td>
        <Badge variant="light" color={stateColours[iteration.state]} tt="none" fw={600}>
          {t(`stateName.${iteration.state}`)}
        </Badge>
      </Table.Td>
    </Table.Tr>
  )
}

function FromTo({ from, to }: { readonly from: number; readonly to: number | undefined }) {
  const { t } = useTranslation('iteration')
  const { number } = useFormats()
  if (to === undefined) return <>{number(from)}</>
  return <>{t('fromTo', { from: number(from), to: number(to) })}</>
}

function MapCells({
  round,
  interval,
}: {
  readonly round: Round | undefined
  readonly interval: Interval | undefined
}) {
  const { t } = useTranslation('iteration')
  const { percent } = useFormats()
  return (
    <>
      <Table.Td ta="right">
        {round && typeof round.map50 === 'number' && (
          <Group gap={8} justify="flex-end" wrap="nowrap">
            {typeof round.change === 'number' && <Change by={round.change} />}
            <Anchor component={Link} to={`/models/${round.model.id}`} fw={650} size="sm">
              {percent(round.map50)}
            </Anchor>
          </Group>
        )}
      </Table.Td>
      <Table.Td ta="right">
        {interval && (
          <Text size="sm" c="dimmed" title={t('intervalAdvice', { share: percent(interval.confidence) })}>
            {t('fromUpTo', { from: percent(interval.low), to: percent(interval.high) })}
          </Text>
        )}
      </Table.Td>
      <Table.Td ta="right">{round?.gain && <Gain gain={round.gain} />}</Table.Td>
    </>
  )
}

/** What a round cost in images, boxes and minutes. */
function CostCells({ round }: { readonly round: Round | undefined }) {
  const { t, i18n } = useTranslation('iteration')
  const { number } = useFormats()
  const names = new Intl.ListFormat(i18n.language).format(round?.labelledBy ?? [])
  const minutes = (value: number | null | undefined) =>
    typeof value === 'number' && t('minutes', { minutes: number(value) })
  return (
    <>
      <Table.Td ta="right">{round && number(round.imageCount)}</Table.Td>
      <Table.Td ta="right">{typeof round?.boxCount === 'number' && number(round.boxCount)}</Table.Td>
      <Table.Td ta="right" title={names && t('labellingAdvice', { names })}>
        {minutes(round?.labellingMinutes) || names}
      </Table.Td>
      <Table.Td ta="right" title={t('computingAdvice', { minutes: number(round?.gpuMinutes ?? 0) })}>
        {minutes(round?.jobMinutes)}
      </Table.Td>
    </>
  )
}

/** From where to where the gain lies; strong when it exceeds the noise of the test set. */
function Gain({ gain }: { readonly gain: NonNullable<Round['gain']> }) {
  const { t } = useTranslation('iteration')
  const { percent, points } = useFormats()
  const share = percent(gain.confidence)
  const advice =
    gain.overRound === 0 ? t('gainOverStart', { share }) : t('gainAdvice', { share, round: gain.overRound })
  const isSure = gain.low > 0
  return (
    <Text size="sm" title={advice} fw={isSure ? 600 : 400} c={isSure ? undefined : 'dimmed'}>
      {t('fromUpTo', { from: points(gain.low), to: points(gain.high) })}
    </Text>
  )
}

const level = 0.0005

/** A change of mAP in percentage points with its arrow, as stocks have it. */
export function Change({ by }: { readonly by: number }) {
  const { points } = useFormats()
  if (Math.abs(by) < level)
    return (
      <Text span size="sm" c="dimmed">
        <IconArrowRight size={15} aria-hidden className="trend" /> {points(0)}
      </Text>
    )
  const Arrow = by > 0 ? IconArrowUpRight : IconArrowDownRight
  return (
    <Text span size="sm" fw={600} className={by > 0 ? 'rising' : 'falling'}>
      <Arrow size={15} aria-hidden className="trend" /> {points(by)}
    </Text>
  )
}
