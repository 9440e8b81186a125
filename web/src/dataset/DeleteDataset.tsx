import { useMutation } from '@apollo/client/react'
import { Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FormDialog } from '../look/FormDialog.tsx'
import { DeleteDatasetDocument } from './dataset.generated.ts'

interface DeleteDatasetProps {
  readonly dataset: { readonly id: string; readonly name: string }
  readonly opened: boolean
  readonly onClose: () => void
  readonly onDeleted: () => void
}

/** Deletes a dataset for good, once its name was typed. */
export function DeleteDataset({ dataset, opened, onClose, onDeleted }: DeleteDatasetProps) {
  const { t } = useTranslation('dataset')
  const [typed, setTyped] = useState('')
  const [remove, { loading, error }] = useMutation(DeleteDatasetDocument, {
    variables: { id: dataset.id },
    onCompleted: onDeleted,
    update: (cache) => {
      cache.evict({ id: cache.identify({ __typename: 'Dataset', id: dataset.id }) })
      cache.gc()
    },
  })
  return (
    <FormDialog
      opened={opened}
      title={t('deleteTitle', { name: dataset.name })}
      action={t('delete')}
      isDangerous
      onClose={onClose}
      onSubmit={() => remove()}
      loading={loading}
      error={error}
      disabled={typed !== dataset.name}
    >
      <Text size="sm">{t('deleteMeaning')}</Text>
      <TextInput
        label={t('typeName', { name: dataset.name })}
        value={typed}
        onChange={({ currentTarget: { value } }) => setTyped(value)}
        data-autofocus
      />
    </FormDialog>
  )
}
