import { useMutation } from '@apollo/client/react'
import { Button, Group, Modal, Stack, Textarea } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Problem } from '../look/Problem.tsx'
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
    <Modal
      opened
      onClose={onClose}
      title={t('noteOf', { number: version.number })}
      closeButtonProps={{ 'aria-label': t('app:close') }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void save({ variables: { versionId: version.id, note: note.trim() || null } }).catch(
            () => undefined,
          ) // `error` tells
        }}
      >
        <Stack>
          <Textarea
            label={t('note')}
            autosize
            minRows={3}
            maxLength={1000}
            value={note}
            onChange={({ currentTarget: { value } }) => setNote(value)}
            data-autofocus
          />
          <Problem error={error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('app:cancel')}
            </Button>
            <Button type="submit" loading={loading}>
              {t('app:save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
