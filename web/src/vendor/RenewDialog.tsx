import { useMutation } from '@apollo/client/react'
import { Button, Group, Modal, Select, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormats } from '../look/formats.ts'
import { Problem } from '../look/Problem.tsx'
import { Secrets } from './Secrets.tsx'
import {
  RenewVendorNatsKeyDocument,
  RenewVendorTokenDocument,
  RenewVendorWebhookSecretDocument,
  type VendorSecretsFragment,
} from './vendor.generated.ts'

export type Renewable = 'token' | 'webhookSecret' | 'natsSeed'

const hour = 3_600
const day = 86_400
const overlaps = [0, hour, day, 7 * day, 30 * day]
// the secrets stay in this dialog only
const unkept = { fetchPolicy: 'no-cache' as const, refetchQueries: ['Vendor'] }

interface RenewDialogProps {
  readonly vendor: { readonly id: string; readonly name: string; readonly hasNats: boolean }
  readonly what: Renewable
  readonly close: () => void
}

/** Asks how long the earlier one is still good, makes another, and shows it once. */
export function RenewDialog({ vendor, what, close }: RenewDialogProps) {
  const { t } = useTranslation('vendor')
  const { t: tApp } = useTranslation()
  const [overlapSeconds, setOverlap] = useState(day)
  const [renew, { secrets, isBusy, error }] = useRenewal(vendor.id, what)
  const isFirst = what === 'natsSeed' && !vendor.hasNats
  return (
    <Modal
      opened
      onClose={close}
      title={isFirst ? t('giveNatsTo', { name: vendor.name }) : t(`renewOf.${what}`, { name: vendor.name })}
      size="lg"
      // what is shown once is not closed by chance
      closeOnClickOutside={!secrets}
      closeOnEscape={!secrets}
      closeButtonProps={{ 'aria-label': tApp('close') }}
    >
      {secrets ? (
        <Stack>
          <Secrets secrets={secrets} />
          <Group justify="flex-end">
            <Button onClick={close}>{t('secretsKept')}</Button>
          </Group>
        </Stack>
      ) : (
        <Stack>
          {what !== 'natsSeed' && <Overlap seconds={overlapSeconds} onChange={setOverlap} />}
          {what === 'natsSeed' && <Text size="sm">{isFirst ? t('natsAdvice') : t('natsKeyEnds')}</Text>}
          <Problem error={error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {tApp('cancel')}
            </Button>
            <Button loading={isBusy} onClick={() => void renew(overlapSeconds)}>
              {isFirst ? t('giveNats') : t('renew')}
            </Button>
          </Group>
        </Stack>
      )}
    </Modal>
  )
}

function Overlap({ seconds, onChange }: { seconds: number; onChange: (seconds: number) => void }) {
  const { t } = useTranslation('vendor')
  const { duration } = useFormats()
  return (
    <Select
      label={t('overlap')}
      description={t('overlapAdvice')}
      data={overlaps.map((one) => ({
        value: String(one),
        label: one === 0 ? t('endsAtOnce') : t('goodFor', { time: duration(one) }),
      }))}
      value={String(seconds)}
      onChange={(value) => onChange(Number(value))}
      allowDeselect={false}
      data-autofocus
    />
  )
}

function useRenewal(vendorId: string, what: Renewable) {
  const [renewToken] = useMutation(RenewVendorTokenDocument, unkept)
  const [renewSecret] = useMutation(RenewVendorWebhookSecretDocument, unkept)
  const [renewKey] = useMutation(RenewVendorNatsKeyDocument, unkept)
  const [secrets, setSecrets] = useState<VendorSecretsFragment>()
  const [isBusy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()

  async function ask(overlapSeconds: number): Promise<VendorSecretsFragment | undefined> {
    const variables = { input: { vendorId, overlapSeconds } }
    if (what === 'token') return (await renewToken({ variables })).data?.renewVendorToken
    if (what === 'webhookSecret') return (await renewSecret({ variables })).data?.renewVendorWebhookSecret
    return (await renewKey({ variables: { input: { vendorId } } })).data?.renewVendorNatsKey
  }

  async function renew(overlapSeconds: number) {
    setBusy(true)
    setError(undefined)
    try {
      setSecrets(await ask(overlapSeconds))
    } catch (problem) {
      setError(problem)
    } finally {
      setBusy(false)
    }
  }

  return [renew, { secrets, isBusy, error }] as const
}
