import { Alert, Code, Stack, Text } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { withoutAnsi } from './ansi.ts'
import type { JobCourseFragment } from './job.generated.ts'

/** Why a job failed, what to do about it, and its last words. */
export function Failure({ failure }: { failure: NonNullable<JobCourseFragment['failure']> }) {
  const { t } = useTranslation('job')
  const { code, message, advice, exitCode, logTail } = failure
  const cause = exitCode === null ? code : t('causeAndExit', { code, exitCode })
  return (
    <Alert role="alert" color="red" icon={<IconAlertTriangle aria-hidden />} title={message}>
      <Stack gap="xs">
        <Text size="sm">{advice}</Text>
        <Text size="xs" c="dimmed">
          {cause}
        </Text>
        {logTail && (
          <Code block mah={220} tabIndex={0} aria-label={t('lastLines')}>
            {withoutAnsi(logTail)}
          </Code>
        )}
      </Stack>
    </Alert>
  )
}
