import { Badge, Table } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { ListSkeleton } from '../look/ListSkeleton.tsx'
import { Problem } from '../look/Problem.tsx'
import { useFormats } from '../look/formats.ts'
import { useServiceHealth } from './service-health.ts'

/** Which services are up, asked every few seconds. */
export function HealthTab() {
  const { t } = useTranslation('system')
  const { number, duration } = useFormats()
  const { services, error, askAgain } = useServiceHealth()
  if (error && !services) return <Problem error={error} retry={askAgain} />
  if (!services) return <ListSkeleton />
  return (
    <>
      <Problem error={error} retry={askAgain} />
      <Table maw={640} verticalSpacing="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('service')}</Table.Th>
            <Table.Th>{t('state')}</Table.Th>
            <Table.Th ta="right">{t('answer')}</Table.Th>
            <Table.Th ta="right">{t('upFor')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {services.map(({ name, state, answerMs, uptimeSeconds }) => (
            <Table.Tr key={name}>
              <Table.Td fw={600}>{name}</Table.Td>
              <Table.Td>
                <Badge variant="light" color={state === 'UP' ? 'teal' : 'red'} tt="none">
                  {t(`health.${state}`)}
                </Badge>
              </Table.Td>
              <Table.Td ta="right" className="figures">
                {answerMs !== undefined && t('milliseconds', { number: number(answerMs) })}
              </Table.Td>
              <Table.Td ta="right" className="figures">
                {uptimeSeconds !== undefined && duration(uptimeSeconds)}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </>
  )
}
