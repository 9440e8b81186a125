import { Anchor, Group, Paper, Skeleton, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@apollo/client/react'
import { lazy, Suspense } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { HomeJobsDocument, type RunningJobFragment } from './home.generated.ts'
import { withWords } from '../words/words.ts'

const JobBar = lazy(withWords(['job'], async () => ({ default: (await import('../job/JobBar.tsx')).JobBar })))

/** A new job of mine is seen so soon; those that are there tell of themselves. */
const askAgainMs = 5_000

/** My jobs that wait or run; nothing where none does. */
export function RunningWork() {
  const { t } = useTranslation('home')
  const { data } = useQuery(HomeJobsDocument, {
    pollInterval: askAgainMs,
    skipPollAttempt: () => document.hidden,
  })
  const jobs = data?.jobs.edges.map(({ node }) => node) ?? []
  if (jobs.length === 0) return null
  return (
    <Paper withBorder p="md" component="section" aria-labelledby="running-work">
      <Stack gap="sm">
        <Group justify="space-between">
          <Title order={2} size="h5" id="running-work">
            {t('running')}
          </Title>
          <Anchor component={Link} to="/jobs" size="sm">
            {t('allJobs')}
          </Anchor>
        </Group>
        <Stack component="ul" gap="sm" className="plain-list">
          {jobs.map((job) => (
            <RunningJob key={job.id} job={job} />
          ))}
        </Stack>
      </Stack>
    </Paper>
  )
}

function RunningJob({ job }: { job: RunningJobFragment }) {
  const { t } = useTranslation('home')
  return (
    <li className="running-job">
      <div>
        <Text size="sm" truncate>
          <Anchor component={Link} to={`/jobs/${job.id}`} inherit fw={600}>
            {job.model?.name ?? job.kinds.map((kind) => t(`kind.${kind}`)).join(', ')}
          </Anchor>
        </Text>
        {job.project && (
          <Anchor component={Link} to={`/projects/${job.project.id}`} size="xs" c="dimmed">
            {job.project.name}
          </Anchor>
        )}
      </div>
      <Suspense fallback={<Skeleton h={40} />}>
        <JobBar id={job.id} />
      </Suspense>
    </li>
  )
}
