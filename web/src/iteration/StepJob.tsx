import { Anchor, Group, Progress, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { useLive } from '../graph/live.ts'
import { StepJobProgressDocument, type StepJobProgressSubscription } from './iteration.generated.ts'

/** How the job of a step goes, live. */
export function StepJob({ jobId }: { readonly jobId: string }) {
  const { t, i18n } = useTranslation('iteration')
  const [job, setJob] = useState<StepJobProgressSubscription['jobProgress']>()
  useLive(StepJobProgressDocument, { jobId }, { onUpdate: ({ jobProgress }) => setJob(jobProgress) })
  const percent = new Intl.NumberFormat(i18n.language, { style: 'percent' })
  const progress = job?.progress ?? 0
  return (
    <Stack gap={6}>
      <Group justify="space-between">
        <Text size="sm" aria-live="polite">
          {job ? t(`jobState.${job.state}`) : t('jobState.QUEUED')}
        </Text>
        <Text size="sm" c="dimmed" className="figures">
          {percent.format(progress)}
        </Text>
      </Group>
      <Progress value={progress * 100} animated aria-label={t('progress')} />
      <Group justify="space-between">
        <Text size="xs" c="dimmed" truncate>
          {job?.waitingFor ?? job?.message ?? ''}
        </Text>
        <Anchor component={Link} to={`/jobs/${jobId}`} size="xs">
          {t('toJob')}
        </Anchor>
      </Group>
    </Stack>
  )
}
