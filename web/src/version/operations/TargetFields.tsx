import { TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'

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
