import { useQuery } from '@apollo/client/react'
import { Card, ScrollArea, Skeleton, Stack, Table, Title } from '@mantine/core'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { Problem } from '../look/Problem.tsx'
import { paceWords } from './pace.ts'
import { LabellingTaskPeopleDocument } from './task.generated.ts'
import type { Task } from './TaskPage.tsx'

/** How quick each labeller is, and what the reviewers said. */
export function Labellers({
  task: { id, doneCount, acceptedCount, review, automaticLabeller },
}: {
  task: Task
}) {
  const { t, i18n } = useTranslation('labelling')
  const { data, error, refetch } = useQuery(LabellingTaskPeopleDocument, { variables: { taskId: id } })
  useEffect(() => void refetch(), [refetch, doneCount, acceptedCount])
  const labellers = data?.labellingTask?.labellers
  if (automaticLabeller) return null
  if (error && !labellers) return <Problem error={error} retry={() => void refetch()} />
  if (!labellers) return <Skeleton h={90} />
  if (labellers.length === 0) return null
  const number = new Intl.NumberFormat(i18n.language)
  const percent = new Intl.NumberFormat(i18n.language, { style: 'percent' })
  return (
    <Card withBorder padding="lg">
      <Stack gap="sm">
        <Title order={2} size="h4">
          {t('labellers')}
        </Title>
        <ScrollArea>
          <Table className="figures" miw={480}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('name')}</Table.Th>
                <Table.Th ta="right">{t('answered')}</Table.Th>
                <Table.Th ta="right">{t('itemSKIPPED')}</Table.Th>
                <Table.Th ta="right">{t('pace')}</Table.Th>
                {review && <Table.Th ta="right">{t('sentBackCount')}</Table.Th>}
                {review && <Table.Th ta="right">{t('agreement')}</Table.Th>}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {labellers.map(({ user, vendor, ...one }) => (
                <Table.Tr key={user?.id ?? vendor?.id}>
                  <Table.Td>{user?.name ?? vendor?.name}</Table.Td>
                  <Table.Td ta="right">{number.format(one.answeredCount)}</Table.Td>
                  <Table.Td ta="right">{number.format(one.skippedCount)}</Table.Td>
                  <Table.Td ta="right">
                    {one.secondsPerImage === null ? '–' : paceWords(one.secondsPerImage, i18n.language)}
                  </Table.Td>
                  {review && <Table.Td ta="right">{number.format(one.sentBackCount)}</Table.Td>}
                  {review && (
                    <Table.Td ta="right">
                      {one.acceptedShare === null ? '–' : percent.format(one.acceptedShare)}
                    </Table.Td>
                  )}
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </ScrollArea>
      </Stack>
    </Card>
  )
}
