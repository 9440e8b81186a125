import { Chip, Group, Textarea } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FormDialog } from '../../look/FormDialog.tsx'
import { submitByEnter } from '../../look/submit-by-enter.ts'

/** Asks why an image cannot be labelled. */
export function SkipDialog({
  opened,
  close,
  skip,
}: {
  opened: boolean
  close: () => void
  skip: (reason: string) => void
}) {
  const { t } = useTranslation('labelling')
  const [reason, setReason] = useState('')
  const usual = [t('skipBlurred'), t('skipNothing'), t('skipUnsure')]

  function submit() {
    if (!reason.trim()) return
    close()
    skip(reason.trim())
  }

  return (
    <FormDialog
      opened={opened}
      title={t('skipTitle')}
      action={t('skip')}
      onClose={close}
      onSubmit={submit}
      disabled={!reason.trim()}
    >
      <Textarea
        data-autofocus
        label={t('skipReason')}
        value={reason}
        maxLength={500}
        required
        onChange={(event) => setReason(event.currentTarget.value)}
        onKeyDown={submitByEnter}
      />
      <Chip.Group value={reason} onChange={(value) => setReason(String(value))}>
        <Group gap="xs">
          {usual.map((one) => (
            <Chip key={one} value={one} size="xs">
              {one}
            </Chip>
          ))}
        </Group>
      </Chip.Group>
    </FormDialog>
  )
}
