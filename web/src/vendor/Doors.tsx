import { Badge, Group, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { toolNames } from './tools.ts'
import type { VendorInListFragment } from './vendor.generated.ts'

/** By what a vendor hears of its tasks, and whether it still does. */
export function Doors({ vendor }: { vendor: VendorInListFragment }) {
  const { t } = useTranslation('vendor')
  const { webhookUrl, webhookProblem, hasNats, connector } = vendor
  if (webhookUrl === null && !hasNats && connector === null)
    return (
      <Text size="sm" c="dimmed">
        {t('asks')}
      </Text>
    )
  return (
    <Group gap={4}>
      {webhookUrl !== null && (
        <Badge variant="light" color={webhookProblem ? 'red' : 'teal'} tt="none" fw={600}>
          {webhookProblem ? t('webhookStopped') : t('door.WEBHOOK')}
        </Badge>
      )}
      {hasNats && (
        <Badge variant="light" color="teal" tt="none" fw={600}>
          {t('door.NATS')}
        </Badge>
      )}
      {connector && (
        <Badge variant="light" color={connector.problem === null ? 'teal' : 'red'} tt="none" fw={600}>
          {connector.problem === null
            ? toolNames[connector.tool]
            : t('toolProblem', { tool: toolNames[connector.tool] })}
        </Badge>
      )}
    </Group>
  )
}
