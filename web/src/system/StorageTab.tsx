import { Button, Group, NumberInput, Stack, Table } from '@mantine/core'
import { useMutation } from '@apollo/client/react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Confirm } from '../look/Confirm.tsx'
import { Problem } from '../look/Problem.tsx'
import { Section } from '../look/Section.tsx'
import { useFormats } from '../look/formats.ts'
import { tell } from '../look/notices.tsx'
import { StorageUsage } from './StorageUsage.tsx'
import { CollectGarbageDocument, type CollectGarbageMutation } from './storage.generated.ts'

type Collected = CollectGarbageMutation['collectGarbage']

/** How much there is, and what of it is needed no more. */
export function StorageTab() {
  return (
    <Stack gap="xl">
      <StorageUsage />
      <Garbage />
    </Stack>
  )
}

/** What no dataset version needs any more: first looked at, then removed. */
function Garbage() {
  const { t } = useTranslation('system')
  const { bytes } = useFormats()
  const [graceHours, setGraceHours] = useState(24)
  const [isAsking, setAsking] = useState(false)
  const [look, { data, loading, error }] = useMutation(CollectGarbageDocument)
  const [collect] = useMutation(CollectGarbageDocument, { refetchQueries: ['SystemStorage'] })
  const due = data?.collectGarbage.removed

  async function remove() {
    const { data } = await collect({ variables: { input: { graceHours, dryRun: false } } })
    if (data) tell(t('garbageGone', { size: bytes(data.collectGarbage.removed.bytes) }))
    await look({ variables: { input: { graceHours, dryRun: true } } })
  }

  return (
    <Section title={t('garbage')} advice={t('garbageAdvice')}>
      <Group align="flex-end" gap="xs">
        <NumberInput
          label={t('graceHours')}
          description={t('graceAdvice')}
          min={1}
          max={10_000}
          value={graceHours}
          onChange={(value) => typeof value === 'number' && setGraceHours(value)}
        />
        <Button
          variant="light"
          loading={loading}
          // the mutation's error is shown by Problem
          onClick={() =>
            void look({ variables: { input: { graceHours, dryRun: true } } }).catch(() => undefined)
          }
        >
          {t('lookForGarbage')}
        </Button>
        <Button color="red" variant="light" disabled={!due?.count} onClick={() => setAsking(true)}>
          {t('removeGarbage')}
        </Button>
      </Group>
      <Problem error={error} />
      {data && <Amounts collected={data.collectGarbage} />}
      {isAsking && due && (
        <Confirm
          question={t('garbageQuestion', { count: due.count, size: bytes(due.bytes) })}
          consequence={t('garbageConsequence')}
          action={t('removeGarbage')}
          onConfirm={remove}
          onClose={() => setAsking(false)}
        />
      )}
    </Section>
  )
}

const amounts = ['unreachable', 'kept', 'removed'] as const

function Amounts({ collected }: { collected: Collected }) {
  const { t } = useTranslation('system')
  const { number, bytes } = useFormats()
  return (
    <Table maw={560} verticalSpacing="xs" className="figures" role="table" aria-live="polite">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t('what')}</Table.Th>
          <Table.Th ta="right">{t('files')}</Table.Th>
          <Table.Th ta="right">{t('size')}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {amounts.map((amount) => (
          <Table.Tr key={amount}>
            <Table.Td>{t(`amount.${amount}`)}</Table.Td>
            <Table.Td ta="right">{number(collected[amount].count)}</Table.Td>
            <Table.Td ta="right">{bytes(collected[amount].bytes)}</Table.Td>
          </Table.Tr>
        ))}
        <Table.Tr>
          <Table.Td>{t('pages')}</Table.Td>
          <Table.Td ta="right">{number(collected.pageCount)}</Table.Td>
          <Table.Td />
        </Table.Tr>
      </Table.Tbody>
    </Table>
  )
}
