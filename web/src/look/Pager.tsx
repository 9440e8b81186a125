import { Button, Group, Text } from '@mantine/core'
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormats } from './formats.ts'

/** Where a reader is in a Relay connection: the cursors of the pages before, the last of which gives the page. */
export interface Place {
  readonly after: string | undefined
  readonly index: number
  readonly next: (endCursor: string) => void
  readonly back: () => void
}

/** The page of a connection that is shown: `after` goes into the query's variables. */
export function usePlace(): Place {
  const [cursors, setCursors] = useState<readonly string[]>([])
  return {
    after: cursors.at(-1),
    index: cursors.length,
    next: (endCursor) => setCursors([...cursors, endCursor]),
    back: () => setCursors(cursors.slice(0, -1)),
  }
}

interface PagerProps {
  readonly place: Place
  /** How many a page has. */
  readonly size: number
  readonly connection:
    { totalCount: number; pageInfo: { hasNextPage: boolean; endCursor: string | null } } | undefined
}

/** Forwards and backwards through a connection; nothing where one page holds all. */
export function Pager({ place, size, connection }: PagerProps) {
  const { t } = useTranslation()
  const { number } = useFormats()
  if (!connection || (place.index === 0 && !connection.pageInfo.hasNextPage)) return null
  const { totalCount, pageInfo } = connection
  const from = place.index * size + 1
  return (
    <Group component="nav" aria-label={t('pages')} justify="flex-end" gap="xs">
      <Text size="sm" c="dimmed" className="figures" aria-live="polite">
        {t('pageOf', {
          from: number(from),
          to: number(Math.min(totalCount, from + size - 1)),
          total: number(totalCount),
        })}
      </Text>
      <Button
        size="xs"
        variant="default"
        disabled={place.index === 0}
        onClick={place.back}
        leftSection={<IconChevronLeft size={14} aria-hidden />}
      >
        {t('previous')}
      </Button>
      <Button
        size="xs"
        variant="default"
        disabled={!pageInfo.hasNextPage}
        onClick={() => pageInfo.endCursor && place.next(pageInfo.endCursor)}
        rightSection={<IconChevronRight size={14} aria-hidden />}
      >
        {t('next')}
      </Button>
    </Group>
  )
}
