import { Anchor, Button, Center, Paper, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core'
import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { Problem } from '../look/Problem.tsx'
import { signIn, signUp } from './session.ts'

/** The door: signs up when nobody has yet, and otherwise in. */
export function SignIn({ setUpNeeded, signUpOpen }: { setUpNeeded: boolean; signUpOpen: boolean }) {
  const { t } = useTranslation('session')
  const [isNew, setIsNew] = useState(setUpNeeded)
  const [error, setError] = useState<unknown>()
  const [busy, setBusy] = useState(false)

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const [name, email, password] = ['name', 'email', 'password'].map((field) =>
      String(form.get(field) ?? ''),
    )
    setBusy(true)
    setError(undefined)
    try {
      await (isNew
        ? signUp({ name: name!, email: email!, password: password! })
        : signIn({ email: email!, password: password! }))
    } catch (refusal) {
      setError(refusal)
    } finally {
      setBusy(false)
    }
  }

  const title = setUpNeeded ? t('welcome') : isNew ? t('signUpTitle') : t('signInTitle')
  return (
    <Center component="main" mih="100vh" p="md">
      <Paper withBorder p="xl" w="100%" maw={440} shadow="sm">
        <form onSubmit={(event) => void submit(event)}>
          <Stack>
            <Title order={1} size="h2">
              {title}
            </Title>
            <Text c="dimmed" size="sm">
              {setUpNeeded ? t('firstSignUp') : t('promise')}
            </Text>
            {isNew && (
              <TextInput
                name="name"
                label={t('name')}
                required
                autoComplete="name"
                maxLength={100}
                autoFocus
              />
            )}
            <TextInput name="email" type="email" label={t('email')} required autoComplete="email" />
            <PasswordInput
              name="password"
              label={t('password')}
              description={isNew ? t('passwordAdvice') : undefined}
              required
              autoComplete={isNew ? 'new-password' : 'current-password'}
            />
            <Problem error={error} />
            <Button type="submit" loading={busy}>
              {isNew ? t('signUp') : t('signIn')}
            </Button>
            {!setUpNeeded && signUpOpen && (
              <Anchor component="button" type="button" size="sm" onClick={() => setIsNew(!isNew)}>
                {isNew ? t('toSignIn') : t('toSignUp')}
              </Anchor>
            )}
            {!setUpNeeded && !signUpOpen && (
              <Text size="sm" c="dimmed">
                {t('signUpClosed')}
              </Text>
            )}
          </Stack>
        </form>
      </Paper>
    </Center>
  )
}
