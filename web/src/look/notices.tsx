import { Notification, Portal, Stack } from '@mantine/core'
import { IconCheck } from '@tabler/icons-react'
import { useSyncExternalStore } from 'react'
import { useTranslation } from 'react-i18next'

interface Notice {
  readonly id: number
  readonly text: string
}

const shownForMs = 5_000
let notices: readonly Notice[] = []
let lastId = 0
const listeners = new Set<() => void>()

/** Tells the person that what they asked for is done; it goes by itself. Problems stay in the page: `Problem`. */
export function tell(text: string): void {
  const notice = { id: (lastId += 1), text }
  change([...notices, notice].slice(-3))
  setTimeout(() => dismiss(notice.id), shownForMs)
}

function dismiss(id: number): void {
  change(notices.filter((notice) => notice.id !== id))
}

function change(next: readonly Notice[]): void {
  notices = next
  listeners.forEach((listener) => listener())
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** What was told lately; once in the frame. */
export function Notices() {
  const { t } = useTranslation()
  const shown = useSyncExternalStore(subscribe, () => notices)
  return (
    <Portal>
      <Stack className="notices" role="status" gap="xs">
        {shown.map(({ id, text }) => (
          <Notification
            key={id}
            color="teal"
            withBorder
            icon={<IconCheck size={18} aria-hidden />}
            closeButtonProps={{ 'aria-label': t('close') }}
            onClose={() => dismiss(id)}
          >
            {text}
          </Notification>
        ))}
      </Stack>
    </Portal>
  )
}
