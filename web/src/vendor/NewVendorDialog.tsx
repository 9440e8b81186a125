import { useMutation } from '@apollo/client/react'
import { Button, Checkbox, Group, Modal, Stack, TextInput } from '@mantine/core'
import type { FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { Problem } from '../look/Problem.tsx'
import { Secrets } from './Secrets.tsx'
import { CreateVendorDocument } from './vendor.generated.ts'

/** Makes a vendor, and shows with what it comes in. */
export function NewVendorDialog({ projectId, close }: { projectId: string; close: () => void }) {
  const { t } = useTranslation('vendor')
  const { t: tApp } = useTranslation()
  const [create, { data, loading, error }] = useMutation(CreateVendorDocument, {
    refetchQueries: ['ProjectVendors'],
    // the secrets stay in this dialog only
    fetchPolicy: 'no-cache',
  })
  const isMade = data !== undefined && data !== null

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const name = String(form.get('name') ?? '').trim()
    const webhookUrl = String(form.get('webhookUrl') ?? '').trim() || null
    const nats = form.get('nats') !== null
    await create({ variables: { input: { projectId, name, webhookUrl, nats } } })
  }

  return (
    <Modal
      opened
      onClose={close}
      title={isMade ? t('vendorMade') : t('newVendor')}
      size="lg"
      // what is shown once is not closed by chance
      closeOnClickOutside={!isMade}
      closeOnEscape={!isMade}
      closeButtonProps={{ 'aria-label': tApp('close') }}
    >
      {isMade ? (
        <Stack>
          <Secrets secrets={data.createVendor} />
          <Group justify="flex-end">
            <Button onClick={close}>{t('secretsKept')}</Button>
          </Group>
        </Stack>
      ) : (
        // the mutation's error is shown by Problem
        <form onSubmit={(event) => void submit(event).catch(() => undefined)}>
          <Stack>
            <TextInput name="name" label={t('name')} required maxLength={100} data-autofocus />
            <TextInput
              name="webhookUrl"
              type="url"
              label={t('webhookOptional')}
              description={t('webhookAdvice')}
              maxLength={2_000}
              autoComplete="off"
            />
            <Checkbox name="nats" label={t('withNats')} description={t('natsAdvice')} />
            <Problem error={error} />
            <Group justify="flex-end">
              <Button variant="default" onClick={close}>
                {tApp('cancel')}
              </Button>
              <Button type="submit" loading={loading}>
                {t('makeVendor')}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  )
}
