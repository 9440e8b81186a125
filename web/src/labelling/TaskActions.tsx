import { useMutation } from '@apollo/client/react'
import { Button, Group, Menu, Text, Textarea } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconChecks, IconDots, IconPencil } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { FormDialog } from '../look/FormDialog.tsx'
import { MoveTask } from '../vendor/MoveTask.tsx'
import {
  CancelLabellingTaskDocument,
  FinishLabellingTaskDocument,
  SendBackLabellingTaskDocument,
} from './task.generated.ts'
import type { Task } from './TaskPage.tsx'

/** What the viewer may do with a task as it is. */
export function TaskActions({ task }: { task: Task }) {
  const { t } = useTranslation('labelling')
  const { id, state, review, automaticLabeller, vendor, doneCount, acceptedCount, itemCount, project } = task
  const mayEdit = project.myRole === 'OWNER' || project.myRole === 'EDITOR'
  const mayLabel = (mayEdit || project.myRole === 'ANNOTATOR') && !automaticLabeller && !vendor
  const isOpen = state === 'OPEN'
  return (
    <Group gap="xs">
      {isOpen && mayLabel && (
        <Button
          component={Link}
          to={`/labelling/${id}/label`}
          variant={doneCount < itemCount ? 'filled' : 'default'}
          leftSection={<IconPencil size={16} aria-hidden />}
        >
          {t('startLabelling')}
        </Button>
      )}
      {isOpen && mayEdit && (review || doneCount > 0) && (
        <Button
          component={Link}
          to={`/labelling/${id}/review`}
          variant={review && doneCount > acceptedCount ? 'light' : 'default'}
          leftSection={<IconChecks size={16} aria-hidden />}
        >
          {t('reviewAnswers')}
        </Button>
      )}
      {mayEdit && <MoreActions task={task} />}
    </Group>
  )
}

function MoreActions({ task }: { task: Task }) {
  const { t } = useTranslation('labelling')
  const { t: ofVendor } = useTranslation('vendor')
  const { id, state, doneCount, automaticLabeller } = task
  const variables = { taskId: id }
  const [finish, finishing] = useMutation(FinishLabellingTaskDocument, { variables })
  const [cancel, cancelling] = useMutation(CancelLabellingTaskDocument, { variables })
  const [asked, setAsked] = useState<'finish' | 'cancel'>()
  const [isSendingBack, sendBack] = useDisclosure()
  const [isMoving, moving] = useDisclosure()
  const mayFinish = (state === 'OPEN' && doneCount > 0) || state === 'FAILED'
  const mayCancel = state === 'OPEN' || state === 'FAILED'
  const maySendBack = state === 'SUCCEEDED'
  const mayMove = state === 'OPEN' && !automaticLabeller
  if (!mayFinish && !mayCancel && !maySendBack) return null

  async function act() {
    await (asked === 'finish' ? finish() : cancel())
    setAsked(undefined)
  }

  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default" px="xs" aria-label={t('moreActions')}>
            <IconDots size={18} aria-hidden />
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {mayFinish && <Menu.Item onClick={() => setAsked('finish')}>{t('finish')}</Menu.Item>}
          {mayMove && <Menu.Item onClick={moving.open}>{ofVendor('moveTask')}</Menu.Item>}
          {maySendBack && <Menu.Item onClick={sendBack.open}>{t('sendBack')}</Menu.Item>}
          {mayCancel && (
            <Menu.Item color="red" onClick={() => setAsked('cancel')}>
              {t('cancelTask')}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      <FormDialog
        opened={asked !== undefined}
        title={asked === 'finish' ? t('finish') : t('cancelTask')}
        action={asked === 'finish' ? t('finish') : t('cancelTask')}
        isDangerous={asked === 'cancel'}
        onClose={() => setAsked(undefined)}
        onSubmit={act}
        loading={finishing.loading || cancelling.loading}
        error={finishing.error ?? cancelling.error}
      >
        <Text>{asked === 'finish' ? t('finishWhy') : t('cancelWhy')}</Text>
      </FormDialog>
      {isMoving && <MoveTask task={task} close={moving.close} />}
      {isSendingBack && <SendBackDialog taskId={id} close={sendBack.close} />}
    </>
  )
}

function SendBackDialog({ taskId, close }: { taskId: string; close: () => void }) {
  const { t } = useTranslation('labelling')
  const [comment, setComment] = useState('')
  const [sendBack, { loading, error }] = useMutation(SendBackLabellingTaskDocument)

  async function submit() {
    await sendBack({ variables: { input: { taskId, comment } } })
    close()
  }

  return (
    <FormDialog
      title={t('sendBack')}
      action={t('sendBack')}
      onClose={close}
      onSubmit={submit}
      loading={loading}
      error={error}
      disabled={!comment.trim()}
    >
      <Textarea
        label={t('comment')}
        description={t('sendBackTaskWhy')}
        value={comment}
        onChange={(event) => setComment(event.currentTarget.value)}
        required
        maxLength={2000}
        autosize
        minRows={3}
        data-autofocus
      />
    </FormDialog>
  )
}
