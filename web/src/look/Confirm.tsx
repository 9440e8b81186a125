import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Problem } from './Problem.tsx'

interface ConfirmProps {
  /** What will be done, as a question. */
  readonly question: string
  /** What follows from it. */
  readonly consequence?: string
  /** The word on the button that does it. */
  readonly action: string
  readonly onConfirm: () => Promise<unknown>
  readonly onClose: () => void
}

/** Asks before what cannot be taken back; stays open with the problem when it did not work. */
export function Confirm({ question, consequence, action, onConfirm, onClose }: ConfirmProps) {
  const { t } = useTranslation()
  const [isBusy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()

  async function confirm() {
    setBusy(true)
    setError(undefined)
    try {
      await onConfirm()
      onClose()
    } catch (problem) {
      setError(problem)
    } finally {
      setBusy(false)
    }
  }

  return (
    <Modal opened onClose={onClose} title={question} closeButtonProps={{ 'aria-label': t('close') }}>
      <Stack>
        {consequence && <Text size="sm">{consequence}</Text>}
        <Problem error={error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            {t('cancel')}
          </Button>
          <Button color="red" loading={isBusy} onClick={() => void confirm()}>
            {action}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
