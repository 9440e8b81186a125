import { Stack, Text, Title } from '@mantine/core'
import { useId, type ReactNode } from 'react'

interface SectionProps {
  readonly title: string
  /** In small print under the title. */
  readonly advice?: string
  readonly children: ReactNode
}

/** A part of a page with a title of its own. */
export function Section({ title, advice, children }: SectionProps) {
  const id = useId()
  return (
    <Stack component="section" gap="sm" aria-labelledby={id}>
      <div>
        <Title order={2} size="h4" id={id}>
          {title}
        </Title>
        {advice && (
          <Text size="sm" c="dimmed">
            {advice}
          </Text>
        )}
      </div>
      {children}
    </Stack>
  )
}
