import { Anchor, Badge, Group, Progress, Table, Text } from '@mantine/core'
import { useQuery } from '@apollo/client/react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { ListSkeleton } from '../look/ListSkeleton.tsx'
import { Problem } from '../look/Problem.tsx'
import { useFormats } from '../look/formats.ts'
import { SystemSlotsDocument, type SystemSlotsQuery } from './slots.generated.ts'

type Slot = SystemSlotsQuery['slots'][number]

const askAgainMs = 2_000

/** The slots that jobs run in, with who has them now. */
export function SlotsTab() {
  const { t } = useTranslation('system')
  const { data, error, refetch } = useQuery(SystemSlotsDocument, {
    pollInterval: askAgainMs,
    skipPollAttempt: () => document.hidden,
  })
  if (error && !data) return <Problem error={error} retry={() => void refetch()} />
  if (!data) return <ListSkeleton />
  return (
    <>
      <Group justify="space-between">
        <Text size="sm" c="dimmed">
          {t('slotsBusy', {
            busy: data.slots.filter(({ busy }) => busy).length,
            total: data.slots.length,
          })}
        </Text>
        <Anchor component={Link} to="/jobs" size="sm">
          {t('queue')}
        </Anchor>
      </Group>
      <Table.ScrollContainer minWidth={680}>
        <Table verticalSpacing="sm">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('slot')}</Table.Th>
              <Table.Th>{t('state')}</Table.Th>
              <Table.Th>{t('job')}</Table.Th>
              <Table.Th>{t('memory')}</Table.Th>
              <Table.Th ta="right">{t('utilisation')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {data.slots.map((slot) => (
              <SlotRow key={slot.id} slot={slot} />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </>
  )
}

function SlotRow({ slot }: { slot: Slot }) {
  const { percent } = useFormats()
  return (
    <Table.Tr>
      <Table.Td>
        <Text size="sm" fw={600}>
          {slot.name}
        </Text>
        <Text size="xs" c="dimmed">
          {slot.id}
        </Text>
      </Table.Td>
      <Table.Td>
        <SlotState slot={slot} />
      </Table.Td>
      <Table.Td>
        <SlotJob job={slot.busyWith} />
      </Table.Td>
      <Table.Td>
        <SlotMemory slot={slot} />
      </Table.Td>
      <Table.Td ta="right" className="figures">
        {slot.utilisation !== null && percent(slot.utilisation)}
      </Table.Td>
    </Table.Tr>
  )
}

function SlotState({ slot: { available, busy, inUseByOthers } }: { slot: Slot }) {
  const { t } = useTranslation('system')
  const [word, colour] = !available
    ? (['slotGone', 'red'] as const)
    : busy
      ? (['slotBusy', 'blue'] as const)
      : inUseByOthers
        ? (['slotOthers', 'orange'] as const)
        : (['slotFree', 'teal'] as const)
  return (
    <Badge variant="light" color={colour} tt="none">
      {t(word)}
    </Badge>
  )
}

function SlotJob({ job }: { job: Slot['busyWith'] }) {
  const { t } = useTranslation('system')
  if (!job) return null
  return (
    <>
      <Anchor component={Link} to={`/jobs/${job.id}`} size="sm">
        {job.kinds.map((kind) => t(`kind.${kind}`)).join(', ')}
      </Anchor>
      <Text size="xs" c="dimmed">
        {[job.project?.name, job.requestedBy?.name].filter(Boolean).join(' · ')}
      </Text>
      <Progress value={job.progress * 100} size="xs" mt={4} aria-label={t('progress')} />
    </>
  )
}

function SlotMemory({ slot: { memoryMegabytes, memoryUsedMegabytes } }: { slot: Slot }) {
  const { t } = useTranslation('system')
  const { bytes } = useFormats()
  if (memoryMegabytes === null) return null
  const total = bytes(memoryMegabytes * 1024 ** 2)
  if (memoryUsedMegabytes === null) return <Text size="sm">{total}</Text>
  return (
    <>
      <Text size="sm" className="figures">
        {t('memoryOf', { used: bytes(memoryUsedMegabytes * 1024 ** 2), total })}
      </Text>
      <Progress
        value={(100 * memoryUsedMegabytes) / memoryMegabytes}
        size="xs"
        mt={4}
        aria-label={t('memory')}
      />
    </>
  )
}
