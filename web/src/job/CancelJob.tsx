import { Button } from '@mantine/core'
import { useMutation } from '@apollo/client/react'
import { IconPlayerStop } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { Problem } from '../look/Problem.tsx'
import { CancelJobDocument, type JobSummaryFragment } from './job.generated.ts'
import { isOver } from './job-state.ts'
import { useMayChange } from './may-change.ts'

/** Stops a job, for those who may. */
export function CancelJob({ job }: { job: Pick<JobSummaryFragment, 'id' | 'state' | 'project'> }) {
  const { t } = useTranslation('job')
  const mayChange = useMayChange(job)
  const [cancel, { loading, error }] = useMutation(CancelJobDocument, { variables: { id: job.id } })
  if (isOver(job.state) || !mayChange) return null
  return (
    <>
      <Problem error={error} />
      <Button
        size="compact-sm"
        variant="subtle"
        color="red"
        loading={loading}
        leftSection={<IconPlayerStop size={14} aria-hidden />}
        onClick={() => void cancel().catch(() => undefined)} // shown as `error`
      >
        {t('stop')}
      </Button>
    </>
  )
}
