import { Paper, Stack, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'

interface EmptyProps {
  readonly title: string
  readonly advice?: string
  readonly icon?: ReactNode
  /** What one can do about it. */
  readonly children?: ReactNode
}

/** In the place of a list that has nothing yet: says so, and what to do. */
export function Empty({ title, advice, icon, children }: EmptyProps) {
  return (
    <Paper withBorder p="xl" className="empty">
      <Stack align="center" gap="sm">
        {icon}
        <Title order={2} size="h4" ta="center">
          {title}
        </Title>
        {advice && (
          <Text c="dimmed" size="sm" ta="center" maw={520}>
            {advice}
          </Text>
        )}
        {children}
      </Stack>
    </Paper>
  )
}
