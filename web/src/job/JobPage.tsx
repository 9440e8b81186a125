import { Anchor, Code, Paper, Stack, Title } from '@mantine/core'
import { useQuery } from '@apollo/client/react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useParams } from 'react-router'
import { NotFound } from '../app/NotFound.tsx'
import { Facts } from '../look/Facts.tsx'
import { ListSkeleton } from '../look/ListSkeleton.tsx'
import { Page } from '../look/Page.tsx'
import { Problem } from '../look/Problem.tsx'
import { useFormats } from '../look/formats.ts'
import { CancelJob } from './CancelJob.tsx'
import { Failure } from './Failure.tsx'
import { JobCourseBar } from './JobBar.tsx'
import { JobFacts } from './JobRow.tsx'
import { JobPageDocument, type JobPageQuery } from './job.generated.ts'
import { isOver } from './job-state.ts'
import { useLiveJob } from './live-job.ts'
import { LogViewer } from './LogViewer.tsx'
import { purposeOf } from './purpose.ts'
import { ResourceCharts } from './ResourceCharts.tsx'
import { RetryJob } from './RetryJob.tsx'
import { ScalarCharts } from './ScalarCharts.tsx'
import { TensorboardFiles } from './TensorboardFiles.tsx'

type Job = NonNullable<JobPageQuery['job']>

/** One run of an executor image: how it goes or went, and why it failed. */
export function JobPage() {
  const { t } = useTranslation('job')
  const { jobId = '' } = useParams()
  const { data, error, refetch } = useQuery(JobPageDocument, { variables: { id: jobId } })
  const crumbs = [{ label: t('jobs'), to: '/jobs' }]
  if (error && !data?.job) return <Problem error={error} retry={() => void refetch()} />
  if (!data)
    return (
      <Page title={undefined} crumbs={crumbs}>
        <ListSkeleton />
      </Page>
    )
  if (!data.job) return <NotFound />
  const purpose = purposeOf(data.job, t)
  return (
    <Page
      title={purpose.words}
      crumbs={crumbs}
      facts={<JobFacts job={data.job} />}
      actions={
        <>
          {purpose.to && (
            <Anchor component={Link} to={purpose.to} size="sm">
              {t('openPurpose')}
            </Anchor>
          )}
          <CancelJob job={data.job} />
          <RetryJob key={jobId} job={data.job} />
        </>
      }
    >
      <Course key={jobId} job={data.job} />
    </Page>
  )
}

function Course({ job }: { job: Job }) {
  const { t } = useTranslation('job')
  const { job: live } = useLiveJob(job.id)
  const course = live ?? job
  return (
    <Stack gap="lg">
      <Paper withBorder p="md">
        <JobCourseBar job={course} />
      </Paper>
      {course.failure && <Failure failure={course.failure} />}
      {course.state === 'RUNNING' && (
        <Section title={t('resources')}>
          <ResourceCharts jobId={job.id} />
        </Section>
      )}
      <Section title={t('scalars')}>
        <ScalarCharts jobId={job.id} />
      </Section>
      <Section title={t('log')}>
        <LogViewer jobId={job.id} />
      </Section>
      <Section title={t('howItRuns')}>
        <Run job={job} />
      </Section>
      <TensorboardFiles jobId={job.id} isOver={isOver(course.state)} />
    </Stack>
  )
}

function Run({ job }: { job: Job }) {
  const { t } = useTranslation('job')
  const { time, bytes } = useFormats()
  return (
    <Facts
      facts={[
        { name: t('queuedAt'), value: time(job.queuedAt) },
        { name: t('startedAt'), value: job.startedAt && time(job.startedAt) },
        { name: t('finishedAt'), value: job.finishedAt && time(job.finishedAt) },
        { name: t('attempt'), value: job.attempt > 1 ? job.attempt : null },
        {
          name: t('retryOf'),
          value: job.retryOf && (
            <Anchor component={Link} to={`/jobs/${job.retryOf.id}`} size="sm">
              {t('earlierJob')}
            </Anchor>
          ),
        },
        { name: t('slots'), value: job.slots.join(', ') || null },
        { name: t('peakMemory'), value: job.peakMemoryBytes === null ? null : bytes(job.peakMemoryBytes) },
        { name: t('digest'), value: job.imageDigest && <Code>{job.imageDigest.slice(0, 19)}</Code> },
        { name: t('parameters'), value: <Code block>{JSON.stringify(job.parameters, null, 2)}</Code> },
      ]}
    />
  )
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Stack gap="xs" component="section">
      <Title order={2} size="h4">
        {title}
      </Title>
      {children}
    </Stack>
  )
}
