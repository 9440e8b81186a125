import { SegmentedControl, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@apollo/client/react'
import { IconBriefcase } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { useSearchParams } from 'react-router'
import { Empty } from '../look/Empty.tsx'
import { ListSkeleton } from '../look/ListSkeleton.tsx'
import { Page } from '../look/Page.tsx'
import { Problem } from '../look/Problem.tsx'
import { JobQueue } from './JobQueue.tsx'
import { JobRow } from './JobRow.tsx'
import { OpenJobsDocument } from './job.generated.ts'
import { PastJobs } from './PastJobs.tsx'
import { Slots } from './Slots.tsx'

/** No event tells of the jobs of all projects together. */
const askAgainMs = 3_000

/** What runs, what waits and for what, and what was. */
export function JobsPage() {
  const { t } = useTranslation('job')
  const [params, setParams] = useSearchParams()
  const mine = params.get('of') === 'me'
  const { data, previousData, error, refetch } = useQuery(OpenJobsDocument, {
    variables: { mine },
    pollInterval: askAgainMs,
    skipPollAttempt: () => document.hidden,
  })
  const jobs = (data ?? previousData)?.jobs.edges.map(({ node }) => node)
  const queue = jobs?.filter(({ state }) => state === 'QUEUED')
  const running = jobs?.filter(({ state }) => state !== 'QUEUED')
  return (
    <Page
      title={t('jobs')}
      crumbs={[]}
      actions={
        <SegmentedControl
          aria-label={t('whose')}
          value={mine ? 'me' : 'all'}
          onChange={(of) => setParams(of === 'me' ? { of } : {}, { replace: true })}
          data={[
            { value: 'all', label: t('allJobs') },
            { value: 'me', label: t('myJobs') },
          ]}
        />
      }
    >
      <Slots />
      {error && !jobs && <Problem error={error} retry={() => void refetch()} />}
      <Stack gap="xs" component="section" aria-labelledby="running">
        <Title order={2} size="h4" id="running">
          {t('running')}
        </Title>
        {!running && !error && <ListSkeleton rows={2} height={64} />}
        {running?.length === 0 && queue?.length === 0 && (
          <Empty
            title={t('nothingRuns')}
            advice={t('nothingRunsAdvice')}
            icon={<IconBriefcase size={36} aria-hidden />}
          />
        )}
        {running?.length === 0 && queue && queue.length > 0 && (
          <Text c="dimmed" size="sm">
            {t('nothingRuns')}
          </Text>
        )}
        {running?.map((job) => (
          <JobRow key={job.id} job={job} />
        ))}
      </Stack>
      {queue && queue.length > 0 && <JobQueue jobs={queue} onChanged={() => void refetch()} />}
      <PastJobs mine={mine} />
    </Page>
  )
}
