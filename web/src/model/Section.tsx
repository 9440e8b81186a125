import { Group, Stack, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'

interface SectionProps {
  readonly title: string
  readonly advice?: string
  /** At the right of the title. */
  readonly actions?: ReactNode
  readonly children: ReactNode
}

export function Section({ title, advice, actions, children }: SectionProps) {
  return (
    <Stack gap="sm" component="section">
      <Group justify="space-between" align="flex-end" gap="xs">
        <div>
          <Title order={2} size="h4">
            {title}
          </Title>
          {advice && (
            <Text size="sm" c="dimmed">
              {advice}
            </Text>
          )}
        </div>
        {actions}
      </Group>
      {children}
    </Stack>
  )
}
