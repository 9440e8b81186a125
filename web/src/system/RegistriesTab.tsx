import { Button, Group, PasswordInput, Stack, TextInput } from '@mantine/core'
import { useMutation, useQuery } from '@apollo/client/react'
import type { FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { ListSkeleton } from '../look/ListSkeleton.tsx'
import { Problem } from '../look/Problem.tsx'
import { Section } from '../look/Section.tsx'
import { tell } from '../look/notices.tsx'
import { NamedList } from './NamedList.tsx'
import {
  RegisterSecretDocument,
  RemoveRegistryCredentialsDocument,
  RemoveSecretDocument,
  SetRegistryCredentialsDocument,
  SystemAccessDocument,
} from './registries.generated.ts'

const exampleRegistry = 'registry.example.org:5000'
const readAnew = { refetchQueries: ['SystemAccess'], awaitRefetchQueries: true }

/** Who pulls images from registries, and what is hidden in logs. */
export function RegistriesTab() {
  const { t } = useTranslation('system')
  const { data, error, refetch } = useQuery(SystemAccessDocument)
  const [removeCredentials] = useMutation(RemoveRegistryCredentialsDocument, readAnew)
  const [removeSecret] = useMutation(RemoveSecretDocument, readAnew)
  if (error && !data) return <Problem error={error} retry={() => void refetch()} />
  if (!data) return <ListSkeleton />
  return (
    <Stack gap="xl" maw={760}>
      <Section title={t('registries')} advice={t('registriesAdvice')}>
        <NamedList
          heading={t('registry')}
          entries={data.registryCredentials.map(({ registry, setAt }) => ({ name: registry, at: setAt }))}
          none={t('noRegistries')}
          consequence={t('registryRemoveConsequence')}
          onRemove={(registry) => removeCredentials({ variables: { input: { registry } } })}
        />
        <CredentialsForm />
      </Section>
      <Section title={t('secrets')} advice={t('secretsAdvice')}>
        <NamedList
          heading={t('secret')}
          entries={data.secrets.map(({ name, registeredAt }) => ({ name, at: registeredAt }))}
          none={t('noSecrets')}
          consequence={t('secretRemoveConsequence')}
          onRemove={(name) => removeSecret({ variables: { input: { name } } })}
        />
        <SecretForm />
      </Section>
    </Stack>
  )
}

function CredentialsForm() {
  const { t } = useTranslation('system')
  const [set, { loading, error }] = useMutation(SetRegistryCredentialsDocument, readAnew)

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = event.currentTarget
    const [registry, username, password] = wordsOf(form, ['registry', 'username', 'password'])
    await set({ variables: { input: { registry: registry!, username: username!, password: password! } } })
    form.reset()
    tell(t('kept', { name: registry }))
  }

  return (
    // the mutation's error is shown by Problem
    <form onSubmit={(event) => void submit(event).catch(() => undefined)}>
      <Group align="flex-end" gap="xs">
        <TextInput
          name="registry"
          label={t('registry')}
          placeholder={exampleRegistry}
          required
          className="grow"
        />
        <TextInput name="username" label={t('username')} required autoComplete="off" className="grow" />
        <PasswordInput
          name="password"
          label={t('passwordOrToken')}
          required
          autoComplete="new-password"
          className="grow"
        />
        <Button type="submit" variant="light" loading={loading}>
          {t('keep')}
        </Button>
      </Group>
      <Problem error={error} />
    </form>
  )
}

function SecretForm() {
  const { t } = useTranslation('system')
  const [register, { loading, error }] = useMutation(RegisterSecretDocument, readAnew)

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = event.currentTarget
    const [name, value] = wordsOf(form, ['name', 'value'])
    await register({ variables: { input: { name: name!, value: value! } } })
    form.reset()
    tell(t('kept', { name }))
  }

  return (
    // the mutation's error is shown by Problem
    <form onSubmit={(event) => void submit(event).catch(() => undefined)}>
      <Group align="flex-end" gap="xs">
        <TextInput name="name" label={t('secretName')} required autoComplete="off" className="grow" />
        <PasswordInput
          name="value"
          label={t('secretValue')}
          required
          minLength={6}
          autoComplete="new-password"
          className="grow"
        />
        <Button type="submit" variant="light" loading={loading}>
          {t('keep')}
        </Button>
      </Group>
      <Problem error={error} />
    </form>
  )
}

function wordsOf(form: HTMLFormElement, fields: readonly string[]): string[] {
  const values = new FormData(form)
  return fields.map((field) => String(values.get(field) ?? ''))
}
