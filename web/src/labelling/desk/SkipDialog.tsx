import { Button, Chip, Group, Modal, Stack, Textarea } from '@mantine/core'
import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'

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

  function submit(event: FormEvent) {
    event.preventDefault()
    if (!reason.trim()) return
    close()
    skip(reason.trim())
  }

  return (
    <Modal
      opened={opened}
      onClose={close}
      title={t('skipTitle')}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <form onSubmit={submit}>
        <Stack>
          <Textarea
            data-autofocus
            label={t('skipReason')}
            value={reason}
            maxLength={500}
            required
            onChange={(event) => setReason(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && !event.shiftKey) submit(event)
            }}
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
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {t('cancel')}
            </Button>
            <Button type="submit" disabled={!reason.trim()}>
              {t('skip')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
