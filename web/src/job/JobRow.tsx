import { Anchor, Group, Paper, Stack, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { useFormats } from '../look/formats.ts'
import { CancelJob } from './CancelJob.tsx'
import { JobBar } from './JobBar.tsx'
import type { JobSummaryFragment } from './job.generated.ts'
import { purposeOf } from './purpose.ts'

/** A job at work or waiting: what for, whose, how it goes, and what can be done with it. */
export function JobRow({ job, children }: { job: JobSummaryFragment; children?: ReactNode }) {
  const { t } = useTranslation('job')
  return (
    <Paper withBorder p="sm" data-job={job.id}>
      <Stack gap="xs">
        <Group justify="space-between" gap="xs" align="flex-start">
          <div>
            <Anchor component={Link} to={`/jobs/${job.id}`} fw={600}>
              {purposeOf(job, t).words}
            </Anchor>
            <JobFacts job={job} />
          </div>
          <Group gap={4}>
            {children}
            <CancelJob job={job} />
          </Group>
        </Group>
        <JobBar id={job.id} />
      </Stack>
    </Paper>
  )
}

/** Project, algorithm, who asked and when, in one line. */
export function JobFacts({ job }: { job: JobSummaryFragment }) {
  const { t } = useTranslation('job')
  const { ago } = useFormats()
  const facts = [
    job.executorImage?.name,
    job.gpuCount > 0 ? t('gpuCount', { count: job.gpuCount }) : t('cpu'),
    job.requestedBy?.name,
    ago(job.queuedAt),
  ]
  return (
    <Text size="xs" c="dimmed" className="figures">
      {job.project && (
        <Anchor component={Link} to={`/projects/${job.project.id}`} size="xs" c="dimmed" td="underline">
          {job.project.name}
        </Anchor>
      )}
      {[job.project ? '' : undefined, ...facts]
        .filter((fact) => fact !== undefined && fact !== null)
        .join(' · ')}
    </Text>
  )
}
