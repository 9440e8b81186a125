import { Anchor, Group, Progress, Skeleton, Stack, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { Problem } from '../look/Problem.tsx'
import { useNow } from '../look/use-now.ts'
import { durationIn, remainingSeconds, secondsBetween } from './duration.ts'
import type { JobCourseFragment } from './job.generated.ts'
import { isOver, stateColour } from './job-state.ts'
import { JobStateBadge } from './JobStateBadge.tsx'
import { useLiveJob } from './live-job.ts'

/** How a job goes, live: its state in a word, a bar with the remaining time, its place in the queue. Links to the job. */
export function JobBar({ id }: { id: string }) {
  const { t } = useTranslation('job')
  const { job, error, refetch } = useLiveJob(id)
  if (error && !job) return <Problem error={error} retry={() => void refetch()} />
  if (!job) return <Skeleton h={40} aria-label={t('notTakenYet')} />
  return <JobCourseBar job={job} />
}

/** The same of a job that somebody else keeps up to date. */
export function JobCourseBar({ job }: { job: JobCourseFragment }) {
  const { t, i18n } = useTranslation('job')
  const told = useCourseWords(job)
  const percent = new Intl.NumberFormat(i18n.language, { style: 'percent' }).format(job.progress)
  return (
    <Stack gap={6}>
      <Group justify="space-between" gap="xs" wrap="nowrap">
        <Anchor component={Link} to={`/jobs/${job.id}`} underline="never" title={t('openJob')}>
          <JobStateBadge state={job.state} />
        </Anchor>
        <Text size="sm" c="dimmed" className="figures" ta="right">
          {[job.state === 'QUEUED' ? '' : percent, told].filter(Boolean).join(' · ')}
        </Text>
      </Group>
      <Progress
        value={job.progress * 100}
        color={stateColour[job.state]}
        animated={job.state === 'RUNNING'}
        aria-label={t('progress')}
      />
      {!isOver(job.state) && job.message && (
        <Text size="xs" c="dimmed" truncate>
          {job.message}
        </Text>
      )}
      {job.failure && (
        <Text size="xs" c="red">
          {job.failure.message}
        </Text>
      )}
    </Stack>
  )
}

/** What follows the figure: the remaining time, the place in the queue, or how long it took. */
function useCourseWords(job: JobCourseFragment): string {
  const { t, i18n } = useTranslation('job')
  const now = useNow(!isOver(job.state))
  const language = i18n.language
  if (job.state === 'QUEUED') return queueWords()
  if (isOver(job.state))
    return job.startedAt && job.finishedAt
      ? t('took', { duration: durationIn(language, secondsBetween(job.startedAt, job.finishedAt)) })
      : ''
  const remaining = remainingSeconds(job.startedAt, job.progress, now)
  return remaining === undefined ? '' : t('remaining', { duration: durationIn(language, remaining) })

  function queueWords(): string {
    const place = job.queuePlace === null ? '' : t('place', { place: job.queuePlace })
    const waits = job.waitingFor ? t('waitsFor', { what: job.waitingFor }) : ''
    return [place, waits].filter(Boolean).join(' · ')
  }
}
