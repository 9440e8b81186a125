import { Button, Checkbox, JsonInput } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useMutation } from '@apollo/client/react'
import { IconRefresh } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import { FormDialog } from '../look/FormDialog.tsx'
import { RetryJobDocument, type JobPageQuery } from './job.generated.ts'
import { useMayChange } from './may-change.ts'

type Job = NonNullable<JobPageQuery['job']>

/** Tries a job again that failed or was stopped, with other parameters where one wants. */
export function RetryJob({ job }: { job: Job }) {
  const { t } = useTranslation('job')
  const mayChange = useMayChange(job)
  const [isOpen, { open, close }] = useDisclosure()
  if ((job.state !== 'FAILED' && job.state !== 'CANCELLED') || !mayChange) return null
  return (
    <>
      <Button size="compact-sm" leftSection={<IconRefresh size={14} aria-hidden />} onClick={open}>
        {t('retry')}
      </Button>
      {isOpen && <RetryDialog job={job} close={close} />}
    </>
  )
}

function RetryDialog({ job, close }: { job: Job; close: () => void }) {
  const { t } = useTranslation('job')
  const navigate = useNavigate()
  const [text, setText] = useState(() => JSON.stringify(job.parameters, null, 2))
  const [fromLastStage, setFromLastStage] = useState(false)
  const [retry, { loading, error }] = useMutation(RetryJobDocument, {
    onCompleted: ({ retryJob }) => void navigate(`/jobs/${retryJob.job.id}`),
  })
  const parameters = parsed(text)
  return (
    <FormDialog
      title={t('retryTitle')}
      meaning={t('retryAdvice')}
      action={t('retry')}
      onClose={close}
      onSubmit={() => retry({ variables: { input: { id: job.id, fromLastStage, parameters } } })}
      loading={loading}
      error={error}
      disabled={!parameters}
    >
      <JsonInput
        label={t('parameters')}
        value={text}
        onChange={setText}
        autosize
        minRows={4}
        maxRows={16}
        error={parameters ? undefined : t('notAnObject')}
        formatOnBlur
      />
      {job.kinds.includes('TRAINING') && (
        <Checkbox
          label={t('fromLastStage')}
          checked={fromLastStage}
          onChange={(event) => setFromLastStage(event.currentTarget.checked)}
        />
      )}
    </FormDialog>
  )
}

/** The object that a text is in JSON; undefined when it is none. */
function parsed(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text || '{}')
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}
