import { useMutation } from '@apollo/client/react'
import { Alert, Button, Group, Stack, Text, TextInput } from '@mantine/core'
import { IconAlertTriangle, IconRefresh } from '@tabler/icons-react'
import { useState, type FormEvent, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Problem } from '../look/Problem.tsx'
import { Section } from '../look/Section.tsx'
import { tell } from '../look/notices.tsx'
import { RenewDialog, type Renewable } from './RenewDialog.tsx'
import { SetVendorWebhookDocument } from './vendor.generated.ts'
import type { Vendor } from './VendorPage.tsx'

/** The doors of a vendor, and another key for each. */
export function Access({ vendor }: { vendor: Vendor }) {
  const { t } = useTranslation('vendor')
  const [renewing, setRenewing] = useState<Renewable>()
  return (
    <Section title={t('access')} advice={t('accessAdvice')}>
      <Stack gap="lg">
        <WebhookForm key={vendor.webhookUrl} vendor={vendor} />
        <Door name={t('secret.token')} advice={t('secretAdvice.token')}>
          <Renew onClick={() => setRenewing('token')}>{t('renewWhat.token')}</Renew>
        </Door>
        <Door name={t('secret.webhookSecret')} advice={t('secretAdvice.webhookSecret')}>
          <Renew onClick={() => setRenewing('webhookSecret')}>{t('renewWhat.webhookSecret')}</Renew>
        </Door>
        <Door name={t('natsUser')} advice={vendor.hasNats ? t('hasNats') : t('natsAdvice')}>
          <Renew onClick={() => setRenewing('natsSeed')}>
            {vendor.hasNats ? t('renewWhat.natsSeed') : t('giveNats')}
          </Renew>
        </Door>
      </Stack>
      {renewing && <RenewDialog vendor={vendor} what={renewing} close={() => setRenewing(undefined)} />}
    </Section>
  )
}

function Door({ name, advice, children }: { name: string; advice: string; children: ReactNode }) {
  return (
    <Group justify="space-between" gap="xs">
      <Stack gap={2} className="grow">
        <Text size="sm" fw={600}>
          {name}
        </Text>
        <Text size="xs" c="dimmed">
          {advice}
        </Text>
      </Stack>
      {children}
    </Group>
  )
}

function Renew({ onClick, children }: { onClick: () => void; children: ReactNode }) {
  return (
    <Button size="xs" variant="default" leftSection={<IconRefresh size={14} aria-hidden />} onClick={onClick}>
      {children}
    </Button>
  )
}

function WebhookForm({ vendor: { id, webhookUrl, webhookProblem } }: { vendor: Vendor }) {
  const { t } = useTranslation('vendor')
  const { t: tApp } = useTranslation()
  const [set, { loading, error }] = useMutation(SetVendorWebhookDocument)

  async function keep(url: string | null) {
    await set({ variables: { input: { vendorId: id, webhookUrl: url } } })
    tell(url === null ? t('webhookRemoved') : t('webhookKept'))
  }

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    await keep(String(new FormData(event.currentTarget).get('webhookUrl') ?? '').trim())
  }

  // the mutation's error is shown by Problem
  const shown = () => undefined
  return (
    <form onSubmit={(event) => void submit(event).catch(shown)}>
      <Stack gap="xs">
        <Group align="flex-end" gap="xs">
          <TextInput
            name="webhookUrl"
            type="url"
            label={t('webhook')}
            description={t('webhookAdvice')}
            defaultValue={webhookUrl ?? ''}
            required
            maxLength={2_000}
            autoComplete="off"
            className="grow"
          />
          <Button type="submit" variant="light" loading={loading}>
            {tApp('save')}
          </Button>
          {webhookUrl !== null && (
            <Button variant="subtle" color="red" onClick={() => void keep(null).catch(shown)}>
              {t('removeWebhook')}
            </Button>
          )}
        </Group>
        {webhookProblem && (
          <Alert
            role="alert"
            color="red"
            icon={<IconAlertTriangle aria-hidden />}
            title={t('webhookStoppedTitle')}
          >
            <Stack gap="xs" align="flex-start">
              <Text size="sm" lang="en">
                {webhookProblem}
              </Text>
              <Button size="xs" variant="default" onClick={() => void keep(webhookUrl).catch(shown)}>
                {t('useAgain')}
              </Button>
            </Stack>
          </Alert>
        )}
        <Problem error={error} />
      </Stack>
    </form>
  )
}
