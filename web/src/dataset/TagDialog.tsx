import { useMutation } from '@apollo/client/react'
import { Button, Checkbox, Group, Modal, Stack, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Problem } from '../look/Problem.tsx'
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
  const { t } = useTranslation(['dataset', 'app'])
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
    <Modal
      opened
      onClose={onClose}
      title={t('tagTitle', { number: version.number })}
      closeButtonProps={{ 'aria-label': t('app:close') }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void tag({ variables: { input } }).catch(() => undefined) // `error` tells
        }}
      >
        <Stack>
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
            <Checkbox
              label={t('protect')}
              checked={isProtected}
              onChange={() => setProtected(!isProtected)}
            />
          )}
          <Problem error={error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('app:cancel')}
            </Button>
            <Button type="submit" loading={loading}>
              {t('tag')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
