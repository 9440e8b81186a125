import { Alert, Button, Code, CopyButton, Group, Stack, Text } from '@mantine/core'
import { IconAlertTriangle, IconCheck, IconCopy } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { VendorSecretsFragment } from './vendor.generated.ts'
import './vendor.css'

const kinds = ['token', 'webhookSecret', 'natsSeed'] as const

/** With what a vendor comes in, this once, to be copied and handed on. */
export function Secrets({ secrets }: { secrets: VendorSecretsFragment }) {
  const { t } = useTranslation('vendor')
  return (
    <Stack>
      <Alert role="status" color="orange" icon={<IconAlertTriangle aria-hidden />} title={t('secretsTitle')}>
        {t('secretsAdvice')}
      </Alert>
      {kinds.map((kind) => {
        const value = secrets[kind]
        return value !== null && <Secret key={kind} kind={kind} value={value} />
      })}
    </Stack>
  )
}

function Secret({ kind, value }: { kind: (typeof kinds)[number]; value: string }) {
  const { t } = useTranslation('vendor')
  return (
    <Stack gap={4}>
      <Group justify="space-between" gap="xs">
        <Text size="sm" fw={600}>
          {t(`secret.${kind}`)}
        </Text>
        <CopyButton value={value}>
          {({ copied, copy }) => (
            <Button
              size="compact-sm"
              variant="light"
              leftSection={copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
              onClick={copy}
            >
              {copied ? t('copied') : t(`copy.${kind}`)}
            </Button>
          )}
        </CopyButton>
      </Group>
      <Code block className="secret" data-secret={kind}>
        {value}
      </Code>
      <Text size="xs" c="dimmed">
        {t(`secretAdvice.${kind}`)}
      </Text>
    </Stack>
  )
}
