import { Textarea } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FormDialog } from '../look/FormDialog.tsx'
import { submitByEnter } from '../look/submit-by-enter.ts'

/** Asks what to do better, to send answers back with it. */
export function CommentDialog({ close, send }: { close: () => void; send: (comment: string) => void }) {
  const { t } = useTranslation('labelling')
  const [comment, setComment] = useState('')

  function submit() {
    if (!comment.trim()) return
    close()
    send(comment.trim())
  }

  return (
    <FormDialog
      title={t('sendBack')}
      action={t('sendBack')}
      onClose={close}
      onSubmit={submit}
      disabled={!comment.trim()}
    >
      <Textarea
        label={t('comment')}
        description={t('sendBackWhy')}
        value={comment}
        onChange={(event) => setComment(event.currentTarget.value)}
        onKeyDown={submitByEnter}
        required
        maxLength={2000}
        data-autofocus
      />
    </FormDialog>
  )
}
