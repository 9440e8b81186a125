import { useMutation } from '@apollo/client/react'
import { Textarea } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FormDialog } from '../look/FormDialog.tsx'
import { SetVersionNoteDocument } from './dataset.generated.ts'

interface NoteDialogProps {
  readonly version: { readonly id: string; readonly number: number; readonly note: string | null }
  readonly onClose: () => void
}

/** Why a version is there, in the words of whoever knows. */
export function NoteDialog({ version, onClose }: NoteDialogProps) {
  const { t } = useTranslation(['dataset', 'app'])
  const [note, setNote] = useState(version.note ?? '')
  const [save, { loading, error }] = useMutation(SetVersionNoteDocument, { onCompleted: onClose })
  return (
    <FormDialog
      title={t('noteOf', { number: version.number })}
      action={t('app:save')}
      onClose={onClose}
      onSubmit={() => save({ variables: { versionId: version.id, note: note.trim() || null } })}
      loading={loading}
      error={error}
    >
      <Textarea
        label={t('note')}
        autosize
        minRows={3}
        maxLength={1000}
        value={note}
        onChange={({ currentTarget: { value } }) => setNote(value)}
        data-autofocus
      />
    </FormDialog>
  )
}
