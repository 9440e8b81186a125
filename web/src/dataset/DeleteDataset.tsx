import { useMutation } from '@apollo/client/react'
import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Problem } from '../look/Problem.tsx'
import { DeleteDatasetDocument } from './dataset.generated.ts'

interface DeleteDatasetProps {
  readonly dataset: { readonly id: string; readonly name: string }
  readonly opened: boolean
  readonly onClose: () => void
  readonly onDeleted: () => void
}

/** Deletes a dataset for good, once its name was typed. */
export function DeleteDataset({ dataset, opened, onClose, onDeleted }: DeleteDatasetProps) {
  const { t } = useTranslation(['dataset', 'app'])
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
    <Modal
      opened={opened}
      onClose={onClose}
      title={t('deleteTitle', { name: dataset.name })}
      closeButtonProps={{ 'aria-label': t('app:close') }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void remove().catch(() => undefined) // `error` tells
        }}
      >
        <Stack>
          <Text size="sm">{t('deleteMeaning')}</Text>
          <TextInput
            label={t('typeName', { name: dataset.name })}
            value={typed}
            onChange={({ currentTarget: { value } }) => setTyped(value)}
            data-autofocus
          />
          <Problem error={error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('app:cancel')}
            </Button>
            <Button type="submit" color="red" loading={loading} disabled={typed !== dataset.name}>
              {t('delete')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
