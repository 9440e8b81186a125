import { useMutation } from '@apollo/client/react'
import { Checkbox, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FormDialog } from '../look/FormDialog.tsx'
import { TagVersionDocument } from './dataset.generated.ts'

interface TagDialogProps {
  readonly datasetId: string
  readonly version: { readonly id: string; readonly number: number }
  /** Only owners protect tags. */
  readonly isOwner: boolean
  readonly onClose: () => void
  readonly onDone: () => void
}

/** Gives a version a name in its dataset, or moves the name to it. */
export function TagDialog({ datasetId, version, isOwner, onClose, onDone }: TagDialogProps) {
  const { t } = useTranslation('dataset')
  const [name, setName] = useState('')
  const [move, setMove] = useState(false)
  const [isProtected, setProtected] = useState(false)
  const [tag, { loading, error }] = useMutation(TagVersionDocument, {
    onCompleted: () => {
      onDone()
      onClose()
    },
  })
  const input = {
    ...{ datasetId, versionId: version.id, name: name.trim(), move },
    ...(isOwner && isProtected ? { protected: true } : {}),
  }
  return (
    <FormDialog
      title={t('tagTitle', { number: version.number })}
      action={t('tag')}
      onClose={onClose}
      onSubmit={() => tag({ variables: { input } })}
      loading={loading}
      error={error}
    >
      <TextInput
        label={t('tagName')}
        description={t('tagNameAdvice')}
        required
        maxLength={100}
        pattern="[A-Za-z0-9._\/\-]+"
        value={name}
        onChange={({ currentTarget: { value } }) => setName(value)}
        data-autofocus
      />
      <Checkbox label={t('move')} checked={move} onChange={() => setMove(!move)} />
      {isOwner && (
        <Checkbox label={t('protect')} checked={isProtected} onChange={() => setProtected(!isProtected)} />
      )}
    </FormDialog>
  )
}
