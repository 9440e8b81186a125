import { Badge, Group, Progress, Stack, Text, type MantineColor } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useLive } from '../graph/live.ts'
import type { LabellingTaskState } from '../graph/schema.generated.ts'
import { LabellingTaskProgressDocument, type LabellingTaskRowFragment } from './tasks.generated.ts'

const colours: Readonly<Record<LabellingTaskState, MantineColor>> = {
  OPEN: 'cyan',
  STORING: 'blue',
  SUCCEEDED: 'teal',
  FAILED: 'red',
  CANCELLED: 'gray',
}

export function TaskState({ state }: { state: LabellingTaskState }) {
  const { t } = useTranslation('labelling')
  return (
    <Badge variant="light" color={colours[state]} tt="none" fw={600}>
      {t(`state${state}`)}
    </Badge>
  )
}

/** How much of a task is labelled, and accepted where it is reviewed; live while the task goes on. */
export function TaskProgress({ task }: { task: LabellingTaskRowFragment }) {
  const { t } = useTranslation('labelling')
  const { id, state, itemsReady, itemCount, doneCount, acceptedCount, review } = task
  const goesOn = state === 'OPEN' || state === 'STORING'
  // the answer is in the cache: `task` has it
  useLive(LabellingTaskProgressDocument, { taskId: id }, { skip: !goesOn, onUpdate: () => {} })
  if (!itemsReady && goesOn) return <Text size="sm">{t('itemsNotReady')}</Text>
  const share = (count: number) => (itemCount > 0 ? (100 * count) / itemCount : 0)
  return (
    <Stack gap={4} miw={160}>
      <Progress.Root size="md">
        {review && (
          <Progress.Section value={share(acceptedCount)} color="teal" aria-label={t('acceptedShare')} />
        )}
        <Progress.Section
          value={share(review ? doneCount - acceptedCount : doneCount)}
          aria-label={t('doneShare')}
        />
      </Progress.Root>
      <Group gap="xs" justify="space-between">
        <Text size="xs" c="dimmed" className="figures">
          {t('doneOf', { done: doneCount, of: itemCount })}
        </Text>
        {review && (
          <Text size="xs" c="dimmed" className="figures">
            {t('acceptedOf', { count: acceptedCount })}
          </Text>
        )}
      </Group>
    </Stack>
  )
}
