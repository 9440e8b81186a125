import { Button, Group, Stack, Switch, TextInput } from '@mantine/core'
import { useMutation } from '@apollo/client/react'
import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { Confirm } from '../look/Confirm.tsx'
import { Problem } from '../look/Problem.tsx'
import { tell } from '../look/notices.tsx'
import {
  RemoveExecutorImageDocument,
  SetExecutorImageEnabledDocument,
  SetExecutorImageNetworkDocument,
  SetExecutorImageSharedDocument,
  SetExecutorImageUserDocument,
  UpdateExecutorImageDocument,
  type ExecutorImageCardFragment,
} from './executor-images.generated.ts'

/** The switches of an executor image, its user, and its update and removal. */
export function ExecutorImageSettings({ image }: { image: ExecutorImageCardFragment }) {
  const { t } = useTranslation('system')
  const { id, name } = image
  const [isRemoving, setRemoving] = useState(false)
  const [setEnabled, enabling] = useMutation(SetExecutorImageEnabledDocument)
  const [setShared, sharing] = useMutation(SetExecutorImageSharedDocument)
  const [setNetwork, networking] = useMutation(SetExecutorImageNetworkDocument)
  const [update, updating] = useMutation(UpdateExecutorImageDocument)
  const [remove] = useMutation(RemoveExecutorImageDocument, {
    refetchQueries: ['SystemExecutorImages'],
    awaitRefetchQueries: true,
  })
  const isContainer = image.driver === 'docker'
  // each mutation's error is shown by Problem
  const shown = () => undefined
  return (
    <Stack gap="xs" align="flex-end">
      <Group gap="md">
        <Switch
          label={t('enabled')}
          checked={image.enabled}
          onChange={({ currentTarget: { checked: enabled } }) =>
            void setEnabled({ variables: { input: { id, enabled } } }).catch(shown)
          }
        />
        <Switch
          label={t('shared')}
          checked={image.shared}
          onChange={({ currentTarget: { checked } }) =>
            void setShared({ variables: { input: { id, shared: checked } } }).catch(shown)
          }
        />
        {image.asksForNetwork && (
          <Switch
            label={t('network')}
            checked={image.networkAllowed}
            onChange={({ currentTarget: { checked: allowed } }) =>
              void setNetwork({ variables: { input: { id, allowed } } }).catch(shown)
            }
          />
        )}
      </Group>
      <Group gap="xs" align="flex-end">
        {isContainer && <UserForm key={image.user} image={image} />}
        <Button
          size="xs"
          variant="light"
          loading={updating.loading}
          onClick={() => void update({ variables: { input: { id } } }).catch(shown)}
        >
          {t('update')}
        </Button>
        <Button size="xs" variant="light" color="red" onClick={() => setRemoving(true)}>
          {t('remove')}
        </Button>
      </Group>
      <Problem error={enabling.error ?? sharing.error ?? networking.error ?? updating.error} />
      {isRemoving && (
        <Confirm
          question={t('removeQuestion', { name })}
          consequence={t('imageRemoveConsequence')}
          action={t('remove')}
          onConfirm={() => remove({ variables: { input: { id } } })}
          onClose={() => setRemoving(false)}
        />
      )}
    </Stack>
  )
}

function UserForm({ image }: { image: ExecutorImageCardFragment }) {
  const { t } = useTranslation('system')
  const { t: tApp } = useTranslation()
  const [set, { error, loading }] = useMutation(SetExecutorImageUserDocument)

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const user = String(new FormData(event.currentTarget).get('user') ?? '').trim()
    await set({ variables: { input: { id: image.id, user: user || null } } })
    tell(t('kept', { name: image.name }))
  }

  return (
    // the mutation's error is shown by Problem
    <form onSubmit={(event) => void submit(event).catch(() => undefined)}>
      <Group gap={4} align="flex-end">
        <TextInput
          name="user"
          size="xs"
          w={130}
          label={t('runsAs')}
          placeholder={t('asImageSays')}
          defaultValue={image.user ?? ''}
          pattern="\d+(:\d+)?"
        />
        <Button type="submit" size="xs" variant="default" loading={loading}>
          {tApp('save')}
        </Button>
      </Group>
      <Problem error={error} />
    </form>
  )
}
