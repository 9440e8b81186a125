import { useMutation, useQuery } from '@apollo/client/react'
import { Button, Card, Group, Stack, Text, Title } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { Problem } from '../../look/Problem.tsx'
import { CommentDialog } from '../CommentDialog.tsx'
import type { Task } from '../TaskPage.tsx'
import { DraftChanges } from './DraftChanges.tsx'
import {
  AcceptLabelledItemsDocument,
  LabellingTaskDraftDocument,
  SendBackLabelledItemsDocument,
} from './quality.generated.ts'

const figures = [
  ['addedCount', 'boxesAdded'],
  ['removedCount', 'boxesRemoved'],
  ['movedCount', 'boxesMoved'],
  ['relabelledCount', 'boxesRelabelled'],
  ['keptCount', 'boxesKept'],
] as const

/** What the result would be now, against what the labellers started from; all of it is accepted or sent back here. */
export function TaskDraft({ task: seen }: { task: Task }) {
  const { id, state, doneCount, acceptedCount } = seen
  const { t } = useTranslation('labelling')
  const variables = { taskId: id }
  const { data, error, refetch } = useQuery(LabellingTaskDraftDocument, { variables })
  useEffect(() => void refetch(), [refetch, state, doneCount, acceptedCount])
  const [accept, accepting] = useMutation(AcceptLabelledItemsDocument, { variables })
  const [sendBack, sendingBack] = useMutation(SendBackLabelledItemsDocument)
  const [isAsking, dialog] = useDisclosure()
  const task = data?.labellingTask
  if (error && !task) return <Problem error={error} retry={() => void refetch()} />
  if (!task || doneCount === 0) return null
  const { draft, waiting } = task
  return (
    <Card withBorder padding="lg">
      <Stack gap="sm">
        <Title order={2} size="h4">
          {t('draft')}
        </Title>
        <Text size="sm">
          {t('draftOf', {
            ...{ images: t('images', { count: draft.imageCount }), leftOut: draft.leftOutCount },
            ...{ confirmed: draft.confirmedCount, changed: draft.changedCount },
          })}
        </Text>
        <Group gap="xl" className="figures">
          {figures.map(([figure, words]) => (
            <Stack key={figure} gap={0}>
              <Text size="xs" c="dimmed">
                {t(words)}
              </Text>
              <Text size="sm">{draft[figure]}</Text>
            </Stack>
          ))}
        </Group>
        {draft.changedCount > 0 && <DraftChanges task={seen} />}
        <Problem error={accepting.error ?? sendingBack.error} />
        {state === 'OPEN' && waiting.totalCount > 0 && (
          <Group gap="xs">
            {/* what the graph refused is shown above */}
            <Button loading={accepting.loading} onClick={() => void accept().catch(() => {})}>
              {t('acceptAllAnswers', { count: waiting.totalCount })}
            </Button>
            <Button variant="default" loading={sendingBack.loading} onClick={dialog.open}>
              {t('sendBackAllAnswers')}
            </Button>
          </Group>
        )}
        {isAsking && (
          <CommentDialog
            close={dialog.close}
            send={(comment) => void sendBack({ variables: { ...variables, comment } }).catch(() => {})}
          />
        )}
      </Stack>
    </Card>
  )
}
