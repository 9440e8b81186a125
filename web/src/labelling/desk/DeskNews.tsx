import { Alert, Button, Group, Progress, Stack, Text } from '@mantine/core'
import { IconCloudUpload } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { problemsIn } from '../../look/Problem.tsx'
import type { Outbox, OutboxState } from './outbox.ts'

/** How far the task is, and what became of the answers. */
export function DeskNews({
  outbox,
  onTheWay: { waiting, refused, isCutOff },
  done,
  of,
}: {
  outbox: Outbox
  onTheWay: OutboxState
  done: number
  of: number
}) {
  const { t } = useTranslation('labelling')
  return (
    <Stack gap="xs">
      <Group gap="sm" wrap="nowrap">
        <Progress
          value={of > 0 ? (100 * done) / of : 0}
          flex={1}
          aria-label={t('progress')}
          size="sm"
          transitionDuration={200}
        />
        <Text size="sm" className="figures" role="status">
          {t('doneOf', { done, of })}
        </Text>
      </Group>
      {isCutOff && waiting.length > 0 && (
        <Alert role="status" color="orange" p="xs" icon={<IconCloudUpload aria-hidden />}>
          {t('answersWait', { count: waiting.length })}
        </Alert>
      )}
      {refused.map(({ answer, error }) => (
        <Alert key={answer.itemId} role="alert" color="red" p="xs" title={t('answerRefused')}>
          <Group justify="space-between">
            <Text size="sm">{problemsIn(error).join(' ')}</Text>
            <Button size="xs" variant="light" color="red" onClick={() => outbox.forgetRefused(answer.itemId)}>
              {t('understood')}
            </Button>
          </Group>
        </Alert>
      ))}
    </Stack>
  )
}
