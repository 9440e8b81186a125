import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import type { FormEvent, ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Problem } from './Problem.tsx'

interface FormDialogProps {
  readonly title: string
  /** What doing it means. */
  readonly meaning?: string
  /** The word on the button that does it. */
  readonly action: string
  readonly isDangerous?: boolean
  readonly opened?: boolean
  readonly size?: 'md' | 'lg'
  /** Gets what the named fields hold. What it throws is not told but by `error`. */
  readonly onSubmit: (form: FormData) => unknown
  readonly onClose: () => void
  readonly loading?: boolean
  readonly error?: unknown
  /** Something is missing yet. */
  readonly disabled?: boolean
  readonly children: ReactNode
}

/** Asks for what is needed to do something, and stays open with the problem when it did not work. */
export function FormDialog({
  title,
  meaning,
  action,
  isDangerous = false,
  opened = true,
  size = 'md',
  onSubmit,
  onClose,
  loading = false,
  error,
  disabled = false,
  children,
}: FormDialogProps) {
  const { t } = useTranslation()

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    await onSubmit(new FormData(event.currentTarget))
  }

  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={title}
      size={size}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <form onSubmit={(event) => void submit(event).catch(() => undefined)}>
        <Stack>
          {meaning && (
            <Text size="sm" c="dimmed">
              {meaning}
            </Text>
          )}
          {children}
          <Problem error={error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('cancel')}
            </Button>
            <Button
              type="submit"
              color={isDangerous ? 'red' : undefined}
              loading={loading}
              disabled={disabled}
            >
              {action}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
