import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import type { FormEvent, ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Problem } from '../../look/Problem.tsx'

interface OperationDialogProps {
  readonly title: string
  readonly meaning: string
  readonly doIt: string
  readonly onClose: () => void
  readonly onSubmit: () => void
  readonly loading: boolean
  readonly error: unknown
  readonly disabled?: boolean
  readonly children: ReactNode
}

/** What every operation on a version asks in. */
export function OperationDialog({
  title,
  meaning,
  doIt,
  onClose,
  onSubmit,
  loading,
  error,
  disabled = false,
  children,
}: OperationDialogProps) {
  const { t } = useTranslation()
  const submit = (event: FormEvent) => {
    event.preventDefault()
    onSubmit()
  }
  return (
    <Modal opened onClose={onClose} title={title} size="lg" closeButtonProps={{ 'aria-label': t('close') }}>
      <form onSubmit={submit}>
        <Stack>
          <Text size="sm" c="dimmed">
            {meaning}
          </Text>
          {children}
          <Problem error={error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('cancel')}
            </Button>
            <Button type="submit" loading={loading} disabled={disabled}>
              {doIt}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

interface TargetFieldsProps {
  readonly name: string
  readonly onName: (name: string) => void
  readonly note: string
  readonly onNote: (note: string) => void
}

/** Where the new version goes: a dataset of a name of its own; and why it is made. */
export function TargetFields({ name, onName, note, onNote }: TargetFieldsProps) {
  const { t } = useTranslation('version')
  return (
    <>
      <TextInput
        label={t('newDataset')}
        required
        maxLength={100}
        value={name}
        onChange={({ currentTarget: { value } }) => onName(value)}
      />
      <TextInput
        label={t('note')}
        maxLength={1000}
        value={note}
        onChange={({ currentTarget: { value } }) => onNote(value)}
      />
    </>
  )
}
