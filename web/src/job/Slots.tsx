import { Group, Paper, Progress, SimpleGrid, Text } from '@mantine/core'
import { useQuery } from '@apollo/client/react'
import { useTranslation } from 'react-i18next'
import { SlotsDocument, type SlotsQuery } from './job.generated.ts'

type Slot = SlotsQuery['slots'][number]

/** The places for jobs: which are free, and how busy GPUs are. */
export function Slots() {
  const { t } = useTranslation('job')
  const { slots } = useSlots()
  if (!slots) return null
  return (
    <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }}>
      {slots.map((slot) => (
        <Paper key={slot.id} withBorder p="xs">
          <Group justify="space-between" gap="xs" wrap="nowrap">
            <Text size="sm" fw={600} truncate>
              {slot.name}
            </Text>
            <Text size="xs" c="dimmed">
              {t(`slot.${standing(slot)}`)}
            </Text>
          </Group>
          {slot.memoryMegabytes !== null && slot.memoryUsedMegabytes !== null && (
            <Progress
              mt={6}
              size="sm"
              value={(slot.memoryUsedMegabytes / slot.memoryMegabytes) * 100}
              aria-label={t('gpuMemoryUsed')}
            />
          )}
        </Paper>
      ))}
    </SimpleGrid>
  )
}

/** The slots, read anew every few seconds. */
export function useSlots(): { slots: readonly Slot[] | undefined; free: (kind: Slot['kind']) => Slot[] } {
  const { data } = useQuery(SlotsDocument, { pollInterval: 5_000, skipPollAttempt: () => document.hidden })
  const slots = data?.slots
  return {
    slots,
    free: (kind) => (slots ?? []).filter((slot) => slot.kind === kind && standing(slot) === 'free'),
  }
}

function standing(slot: Slot): 'free' | 'busy' | 'away' | 'others' {
  if (!slot.available) return 'away'
  if (slot.busy) return 'busy'
  return slot.inUseByOthers ? 'others' : 'free'
}
