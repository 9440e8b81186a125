import { ActionIcon, Badge, Group, Table, Text } from '@mantine/core'
import { IconTrash } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { useFormats } from '../look/formats.ts'
import type { ApiKeysQuery } from './account.generated.ts'

interface ApiKeyRowProps {
  readonly apiKey: ApiKeysQuery['apiKeys'][number]
  readonly onRevoke: () => void
}

export function ApiKeyRow({ apiKey, onRevoke }: ApiKeyRowProps) {
  const { t } = useTranslation('session')
  const { ago, day } = useFormats()
  const { name, scopes, createdAt, lastUsedAt, expiresAt } = apiKey
  return (
    <Table.Tr>
      <Table.Td fw={600}>{name}</Table.Td>
      <Table.Td>
        <Group gap={4}>
          {scopes.map((scope) => (
            <Badge key={scope} variant="default" tt="none" fw={500}>
              {scope}
            </Badge>
          ))}
        </Group>
      </Table.Td>
      <Table.Td>
        <Text size="sm">{day(createdAt)}</Text>
      </Table.Td>
      <Table.Td>
        <Text size="sm">{lastUsedAt ? ago(lastUsedAt) : t('neverUsed')}</Text>
      </Table.Td>
      <Table.Td>
        <Text size="sm">{expiresAt ? day(expiresAt) : t('neverExpires')}</Text>
      </Table.Td>
      <Table.Td>
        <ActionIcon variant="subtle" color="red" aria-label={t('revokeNamed', { name })} onClick={onRevoke}>
          <IconTrash size={18} aria-hidden />
        </ActionIcon>
      </Table.Td>
    </Table.Tr>
  )
}
