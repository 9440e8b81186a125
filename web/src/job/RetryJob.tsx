import { Button, Checkbox, Group, JsonInput, Modal, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useMutation } from '@apollo/client/react'
import { IconRefresh } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import { Problem } from '../look/Problem.tsx'
import { RetryJobDocument, type JobPageQuery } from './job.generated.ts'
import { useMayChange } from './may-change.ts'

/** Tries a job again that failed or was stopped, with other parameters where one wants. */
export function RetryJob({ job }: { job: NonNullable<JobPageQuery['job']> }) {
  const { t } = useTranslation('job')
  const navigate = useNavigate()
  const mayChange = useMayChange(job)
  const [isOpen, { open, close }] = useDisclosure()
  const [parameters, setParameters] = useState(() => JSON.stringify(job.parameters, null, 2))
  const [fromLastStage, setFromLastStage] = useState(false)
  const [retry, { loading, error }] = useMutation(RetryJobDocument, {
    onCompleted: ({ retryJob }) => void navigate(`/jobs/${retryJob.job.id}`),
  })
  const isObject = parsed(parameters) !== undefined
  if ((job.state !== 'FAILED' && job.state !== 'CANCELLED') || !mayChange) return null
  return (
    <>
      <Button size="compact-sm" leftSection={<IconRefresh size={14} aria-hidden />} onClick={open}>
        {t('retry')}
      </Button>
      <Modal
        opened={isOpen}
        onClose={close}
        title={t('retryTitle')}
        closeButtonProps={{ 'aria-label': t('closeRetry') }}
      >
        <Stack>
          <Text size="sm" c="dimmed">
            {t('retryAdvice')}
          </Text>
          <JsonInput
            label={t('parameters')}
            value={parameters}
            onChange={setParameters}
            autosize
            minRows={4}
            maxRows={16}
            error={isObject ? undefined : t('notAnObject')}
            formatOnBlur
          />
          {job.kinds.includes('TRAINING') && (
            <Checkbox
              label={t('fromLastStage')}
              checked={fromLastStage}
              onChange={(event) => setFromLastStage(event.currentTarget.checked)}
            />
          )}
          <Problem error={error} />
          <Group justify="flex-end">
            <Button
              loading={loading}
              disabled={!isObject}
              onClick={() =>
                // shown as `error`
                void retry({
                  variables: { input: { id: job.id, fromLastStage, parameters: parsed(parameters) } },
                }).catch(() => undefined)
              }
            >
              {t('retry')}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
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
