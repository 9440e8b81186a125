import { Anchor, Group, Paper, Progress, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@apollo/client/react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { useFormats } from '../look/formats.ts'
import { HomeJobsDocument, type RunningJobFragment } from './home.generated.ts'

const askAgainMs = 3_000

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
        {jobs.map((job) => (
          <RunningJob key={job.id} job={job} />
        ))}
      </Stack>
    </Paper>
  )
}

function RunningJob({ job }: { job: RunningJobFragment }) {
  const { t } = useTranslation('home')
  const { percent } = useFormats()
  return (
    <div className="running-job">
      <Text size="sm" truncate>
        <Anchor component={Link} to={`/jobs/${job.id}`} inherit fw={600}>
          {job.model?.name ?? job.kinds.map((kind) => t(`kind.${kind}`)).join(', ')}
        </Anchor>
        {job.project && (
          <>
            {' · '}
            <Anchor component={Link} to={`/projects/${job.project.id}`} inherit c="dimmed">
              {job.project.name}
            </Anchor>
          </>
        )}
      </Text>
      <Progress value={job.progress * 100} size="md" aria-label={t('progress')} />
      <Text size="sm" c="dimmed" ta="right" className="figures">
        {job.queuePlace === null ? percent(job.progress) : t('place', { place: job.queuePlace })}
      </Text>
    </div>
  )
}
