import { Anchor, Group, Table, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { Change } from '../iteration/RoundsTable.tsx'
import { useFormats } from '../look/formats.ts'
import type { Plan } from './PlanPanel.tsx'

type Round = Plan['rounds'][number]

/** The rounds of several plans side by side: what each brought, for how many images. */
export function PlansCompared({ plans }: { readonly plans: readonly Plan[] }) {
  const { t } = useTranslation('plan')
  const { number } = useFormats()
  const numbers = [...new Set(plans.flatMap(({ rounds }) => rounds.map(({ round }) => round)))]
  return (
    <Table.ScrollContainer minWidth={480}>
      <Table className="figures" aria-label={t('compared')}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('round')}</Table.Th>
            {plans.map(({ id, name }) => (
              <Table.Th key={id} ta="right">
                {name}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {numbers
            .sort((one, other) => one - other)
            .map((round) => (
              <Table.Tr key={round}>
                <Table.Td>{round === 0 ? t('start') : number(round)}</Table.Td>
                {plans.map(({ id, rounds }) => (
                  <Table.Td key={id} ta="right">
                    <Brought round={rounds.find((one) => one.round === round)} />
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}

function Brought({ round }: { readonly round: Round | undefined }) {
  const { t } = useTranslation('plan')
  const { number, percent } = useFormats()
  if (!round || round.map50 === null) return null
  return (
    <Group gap={8} justify="flex-end" wrap="nowrap">
      {round.imageCount > 0 && (
        <Text span size="sm" c="dimmed">
          {t('images', { count: round.imageCount, images: number(round.imageCount) })}
        </Text>
      )}
      {round.change !== null && <Change by={round.change} />}
      <Anchor component={Link} to={`/models/${round.model.id}`} size="sm" fw={600}>
        {percent(round.map50)}
      </Anchor>
    </Group>
  )
}
