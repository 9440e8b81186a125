import { Anchor, Group, MultiSelect, Stack, Table, Text, Title } from '@mantine/core'
import { useQuery } from '@apollo/client/react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import type { JobState } from '../graph/schema.generated.ts'
import { ListSkeleton } from '../look/ListSkeleton.tsx'
import { Pager, usePlace } from '../look/Pager.tsx'
import { Problem } from '../look/Problem.tsx'
import { durationIn, secondsBetween } from './duration.ts'
import { JobFacts } from './JobRow.tsx'
import { JobStateBadge } from './JobStateBadge.tsx'
import { PastJobsDocument, type JobSummaryFragment } from './job.generated.ts'
import { purposeOf } from './purpose.ts'

const pastStates: readonly JobState[] = ['SUCCEEDED', 'FAILED', 'CANCELLED']

/** Jobs that ended, newest first. */
export function PastJobs({ mine }: { mine: boolean }) {
  const { t } = useTranslation('job')
  const [chosen, setChosen] = useState<readonly JobState[]>([])
  const states = chosen.length > 0 ? chosen : pastStates
  return (
    <Stack gap="xs" component="section" aria-labelledby="history">
      <Group justify="space-between">
        <Title order={2} size="h4" id="history">
          {t('history')}
        </Title>
        <MultiSelect
          aria-label={t('statesShown')}
          placeholder={chosen.length === 0 ? t('allStates') : undefined}
          data={pastStates.map((state) => ({ value: state, label: t(`state.${state}`) }))}
          value={[...chosen]}
          onChange={(values) => setChosen(values as JobState[])} // of its data
          clearable
          w={{ base: '100%', xs: 260 }}
        />
      </Group>
      {/* another choice begins at the first page */}
      <PastJobsPage key={`${mine} ${states.join()}`} mine={mine} states={states} />
    </Stack>
  )
}

function PastJobsPage({ mine, states }: { mine: boolean; states: readonly JobState[] }) {
  const { t, i18n } = useTranslation('job')
  const place = usePlace()
  const { data, previousData, error, refetch } = useQuery(PastJobsDocument, {
    variables: { mine, states: [...states], after: place.after },
  })
  const connection = (data ?? previousData)?.jobs
  if (error && !connection) return <Problem error={error} retry={() => void refetch()} />
  if (!connection) return <ListSkeleton />
  if (connection.totalCount === 0)
    return (
      <Text c="dimmed" size="sm">
        {t('noHistory')}
      </Text>
    )
  return (
    <>
      <Table.ScrollContainer minWidth={560}>
        <Table verticalSpacing="xs" highlightOnHover>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('job')}</Table.Th>
              <Table.Th>{t('stateWord')}</Table.Th>
              <Table.Th ta="right">{t('duration')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {connection.edges.map(({ node: job }) => (
              <Table.Tr key={job.id}>
                <Table.Td>
                  <Anchor component={Link} to={`/jobs/${job.id}`} fw={600} size="sm">
                    {purposeOf(job, t).words}
                  </Anchor>
                  <JobFacts job={job} />
                </Table.Td>
                <Table.Td>
                  <JobStateBadge state={job.state} />
                  {job.failure && (
                    <Text size="xs" c="dimmed" lineClamp={2} maw={420} mt={4}>
                      {job.failure.message}
                    </Text>
                  )}
                </Table.Td>
                <Table.Td ta="right" className="figures">
                  {durationOf(job, i18n.language)}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <Pager place={place} size={20} connection={connection} />
    </>
  )
}

function durationOf({ startedAt, finishedAt }: JobSummaryFragment, language: string): string {
  return startedAt && finishedAt ? durationIn(language, secondsBetween(startedAt, finishedAt)) : '–'
}
