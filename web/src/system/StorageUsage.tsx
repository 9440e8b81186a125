import { Progress, Table } from '@mantine/core'
import { useQuery } from '@apollo/client/react'
import { useTranslation } from 'react-i18next'
import { ListSkeleton } from '../look/ListSkeleton.tsx'
import { Problem } from '../look/Problem.tsx'
import { Section } from '../look/Section.tsx'
import { useFormats } from '../look/formats.ts'
import { SystemStorageDocument, type SystemStorageQuery } from './storage.generated.ts'

type Usage = SystemStorageQuery['storageUsage']

const askAgainMs = 60_000 // it is measured no oftener

/** How much the workspace takes, of what, and how much room is left. */
export function StorageUsage() {
  const { t } = useTranslation('system')
  const { ago } = useFormats()
  const { data, error, refetch } = useQuery(SystemStorageDocument, {
    pollInterval: askAgainMs,
    skipPollAttempt: () => document.hidden,
  })
  const usage = data?.storageUsage
  return (
    <Section title={t('usage')} advice={usage && t('measured', { ago: ago(usage.measuredAt) })}>
      {error && !usage && <Problem error={error} retry={() => void refetch()} />}
      {!usage && !error && <ListSkeleton rows={2} />}
      {usage && <UsageTable usage={usage} />}
    </Section>
  )
}

interface Amount {
  readonly kind: 'images' | 'others' | 'database' | 'free'
  readonly count?: number
  /** Undefined while it is still being counted. */
  readonly bytes: number | undefined
}

function amountsOf({ images, others, databaseBytes, freeBytes }: Usage): Amount[] {
  return [
    { kind: 'images', ...images },
    { kind: 'others', count: others?.count, bytes: others?.bytes },
    { kind: 'database', bytes: databaseBytes },
    // nobody knows how much a bucket takes
    ...(freeBytes === null ? [] : [{ kind: 'free' as const, bytes: freeBytes }]),
  ]
}

function UsageTable({ usage }: { usage: Usage }) {
  const { t } = useTranslation('system')
  const { number, bytes, percent } = useFormats()
  const amounts = amountsOf(usage)
  const used = amounts.reduce((sum, { kind, bytes }) => sum + (kind === 'free' ? 0 : (bytes ?? 0)), 0)
  const shareOf = (size = 0) => (used > 0 ? size / used : 0)
  return (
    <Table maw={720} verticalSpacing="xs" className="figures" aria-label={t('usage')}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t('what')}</Table.Th>
          <Table.Th ta="right">{t('files')}</Table.Th>
          <Table.Th ta="right">{t('size')}</Table.Th>
          <Table.Th w="40%">{t('share')}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {amounts.map(({ kind, count, bytes: size }) => (
          <Table.Tr key={kind} data-usage={kind}>
            <Table.Td>{t(`usageOf.${kind}`)}</Table.Td>
            <Table.Td ta="right">{count !== undefined && number(count)}</Table.Td>
            <Table.Td ta="right">{size === undefined ? t('beingCounted') : bytes(size)}</Table.Td>
            <Table.Td>
              {kind !== 'free' && (
                <Progress
                  value={100 * shareOf(size)}
                  aria-label={t('shareOf', {
                    what: t(`usageOf.${kind}`),
                    share: percent(shareOf(size)),
                  })}
                />
              )}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}
