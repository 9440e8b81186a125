import { useQuery } from '@apollo/client/react'
import { Card, ScrollArea, Skeleton, Stack, Table, Text, Title } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Problem } from '../../look/Problem.tsx'
import { paceWords } from '../pace.ts'
import type { Task } from '../TaskPage.tsx'
import { LabellingTaskQualityDocument, type LabellingTaskQualityQuery } from './quality.generated.ts'

type Quality = NonNullable<LabellingTaskQualityQuery['labellingTask']>['quality'][number]

const pollMs = 15_000

/** How good the answers are, by labeller: on gold images, and against second answers. For editors. */
export function TaskQuality({ task: { id, state } }: { task: Task }) {
  const { t } = useTranslation('labelling')
  const { data, error, refetch } = useQuery(LabellingTaskQualityDocument, {
    variables: { taskId: id },
    fetchPolicy: 'cache-and-network',
    pollInterval: state === 'OPEN' ? pollMs : 0,
  })
  const quality = data?.labellingTask?.quality
  if (error && !quality) return <Problem error={error} retry={() => void refetch()} />
  if (!quality) return <Skeleton h={90} />
  const mistakes = quality.flatMap((one) =>
    mistakesOf(one).map((mistake) => ({ ...mistake, by: nameOf(one) })),
  )
  return (
    <Card withBorder padding="lg">
      <Stack gap="sm">
        <Title order={2} size="h4">
          {t('quality')}
        </Title>
        <Text size="sm" c="dimmed">
          {t('qualityWhy')}
        </Text>
        {quality.length > 0 && <QualityTable quality={quality} />}
        {mistakes.length > 0 && (
          <Text size="sm">
            {t('mistakes')}{' '}
            {mistakes
              .map(({ by, known, given, count }) =>
                t('mistakeOf', {
                  ...{ name: by, known: known ?? t('noObject'), given: given ?? t('missed'), count },
                }),
              )
              .join(' · ')}
          </Text>
        )}
      </Stack>
    </Card>
  )
}

const shownMistakes = 3

/** What is confused most. */
function mistakesOf({ confusion }: Quality) {
  return confusion
    .filter(({ known, given }) => known !== given)
    .toSorted((one, other) => other.count - one.count)
    .slice(0, shownMistakes)
}

function nameOf({ user, vendor }: Quality): string {
  return user?.name ?? vendor?.name ?? ''
}

function QualityTable({ quality }: { quality: readonly Quality[] }) {
  const { t, i18n } = useTranslation('labelling')
  const number = new Intl.NumberFormat(i18n.language)
  const percent = new Intl.NumberFormat(i18n.language, { style: 'percent', maximumFractionDigits: 1 })
  const share = (value: number | null) => (value === null ? '–' : percent.format(value))
  return (
    <ScrollArea>
      <Table className="figures" miw={640}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('name')}</Table.Th>
            <Table.Th ta="right">{t('answered')}</Table.Th>
            <Table.Th ta="right">{t('boxesTitle')}</Table.Th>
            <Table.Th ta="right">{t('pace')}</Table.Th>
            <Table.Th ta="right">{t('goldImages')}</Table.Th>
            <Table.Th ta="right">{t('precision')}</Table.Th>
            <Table.Th ta="right">{t('recall')}</Table.Th>
            <Table.Th ta="right">{t('meanIou')}</Table.Th>
            <Table.Th ta="right">{t('agreementWithOthers')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {quality.map((one) => (
            <Table.Tr key={one.user?.id ?? one.vendor?.id}>
              <Table.Td>{nameOf(one)}</Table.Td>
              <Table.Td ta="right">{number.format(one.answeredCount)}</Table.Td>
              <Table.Td ta="right">{number.format(one.boxCount)}</Table.Td>
              <Table.Td ta="right">
                {one.secondsPerImage === null ? '–' : paceWords(one.secondsPerImage, i18n.language)}
              </Table.Td>
              <Table.Td ta="right">{number.format(one.goldCount)}</Table.Td>
              <Table.Td ta="right">{share(one.precision)}</Table.Td>
              <Table.Td ta="right">{share(one.recall)}</Table.Td>
              <Table.Td ta="right">{share(one.meanIou)}</Table.Td>
              <Table.Td ta="right">{share(one.agreement)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </ScrollArea>
  )
}
