import { Alert, Button, Checkbox, Code, CopyButton, Group, Stack, Text, TextInput } from '@mantine/core'
import { useMutation } from '@apollo/client/react'
import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { Problem } from '../look/Problem.tsx'
import { CreateApiKeyDocument } from './account.generated.ts'

const scopes = ['read', 'write', 'label'] as const

/** Makes a key and shows its token, this once. */
export function NewApiKey() {
  const { t } = useTranslation('session')
  const [chosen, setChosen] = useState<string[]>(['read'])
  const [create, { data, loading, error, reset }] = useMutation(CreateApiKeyDocument, {
    refetchQueries: ['ApiKeys'],
    // the token stays in this page only
    fetchPolicy: 'no-cache',
  })

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = event.currentTarget
    const values = new FormData(form)
    const name = String(values.get('name') ?? '').trim()
    const expires = String(values.get('expires') ?? '')
    // the whole of that day
    const expiresAt = expires ? new Date(`${expires}T23:59:59`).toISOString() : null
    await create({ variables: { input: { name, scopes: chosen, expiresAt } } })
    form.reset()
  }

  return (
    <Stack maw={640}>
      {data && <NewToken token={data.createApiKey.token} onSeen={reset} />}
      {/* the mutation's error is shown by Problem */}
      <form onSubmit={(event) => void submit(event).catch(() => undefined)}>
        <Stack gap="sm">
          <Group align="flex-end" gap="xs">
            <TextInput
              name="name"
              label={t('keyName')}
              placeholder={t('keyNameExample')}
              required
              maxLength={100}
              className="grow"
            />
            <TextInput name="expires" type="date" label={t('expiresOptional')} />
          </Group>
          <Checkbox.Group label={t('scopes')} value={chosen} onChange={setChosen}>
            <Stack gap={6} mt={4}>
              {scopes.map((scope) => (
                <Checkbox key={scope} value={scope} label={t(`scope.${scope}`)} />
              ))}
            </Stack>
          </Checkbox.Group>
          <Problem error={error} />
          <Group>
            <Button type="submit" variant="light" loading={loading} disabled={chosen.length === 0}>
              {t('makeKey')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Stack>
  )
}

function NewToken({ token, onSeen }: { token: string; onSeen: () => void }) {
  const { t } = useTranslation('session')
  return (
    <Alert role="status" color="teal" title={t('tokenTitle')}>
      <Stack gap="xs">
        <Text size="sm">{t('tokenAdvice')}</Text>
        <Code block className="token">
          {token}
        </Code>
        <Group gap="xs">
          <CopyButton value={token}>
            {({ copied, copy }) => (
              <Button size="xs" onClick={copy}>
                {copied ? t('copied') : t('copy')}
              </Button>
            )}
          </CopyButton>
          <Button size="xs" variant="default" onClick={onSeen}>
            {t('tokenKept')}
          </Button>
        </Group>
      </Stack>
    </Alert>
  )
}
