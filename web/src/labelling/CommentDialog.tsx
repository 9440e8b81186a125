import { Button, Group, Modal, Stack, Textarea } from '@mantine/core'
import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'

/** Asks what to do better, to send answers back with it. */
export function CommentDialog({ close, send }: { close: () => void; send: (comment: string) => void }) {
  const { t } = useTranslation('labelling')
  const [comment, setComment] = useState('')

  function submit(event: FormEvent) {
    event.preventDefault()
    if (!comment.trim()) return
    close()
    send(comment.trim())
  }

  return (
    <Modal opened onClose={close} title={t('sendBack')} closeButtonProps={{ 'aria-label': t('close') }}>
      <form onSubmit={submit}>
        <Stack>
          <Textarea
            label={t('comment')}
            description={t('sendBackWhy')}
            value={comment}
            onChange={(event) => setComment(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && !event.shiftKey) submit(event)
            }}
            required
            maxLength={2000}
            data-autofocus
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {t('cancel')}
            </Button>
            <Button type="submit" disabled={!comment.trim()}>
              {t('sendBack')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
