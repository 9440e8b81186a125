import { Group, Progress, Table, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { labelColour } from '../asset/label-colour.ts'
import { useFormats } from '../look/formats.ts'
import type { EvaluationClassesQuery } from './model.generated.ts'

export type ClassFigures = NonNullable<EvaluationClassesQuery['evaluation']>['classes'][number]

/** How well each class is found, the worst first: that is where data helps most. */
export function ClassTable({ classes }: { classes: readonly ClassFigures[] }) {
  const { t } = useTranslation('model')
  const { percent, number } = useFormats()
  const worstFirst = [...classes].sort((one, other) => (one.ap50 ?? 2) - (other.ap50 ?? 2))
  return (
    <Table.ScrollContainer minWidth={620}>
      <Table verticalSpacing={6}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('class')}</Table.Th>
            <Table.Th w="34%">{t('ap50')}</Table.Th>
            <Table.Th ta="right">{t('ap')}</Table.Th>
            <Table.Th ta="right">{t('objects')}</Table.Th>
            <Table.Th ta="right">{t('foundRight')}</Table.Th>
            <Table.Th ta="right">{t('foundWrong')}</Table.Th>
            <Table.Th ta="right">{t('missed')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody className="figures">
          {worstFirst.map((one) => (
            <Table.Tr key={one.label}>
              <Table.Td>
                <Group gap={8} wrap="nowrap">
                  <span className="dot" style={{ background: labelColour(one.label) }} />
                  {one.label}
                </Group>
              </Table.Td>
              <Table.Td>
                {one.ap50 === null ? (
                  <Text size="sm" c="dimmed">
                    {t('noObjects')}
                  </Text>
                ) : (
                  <Group gap="sm" wrap="nowrap">
                    <Progress
                      value={one.ap50 * 100}
                      flex={1}
                      aria-label={t('ap50Of', { label: one.label })}
                    />
                    <Text size="sm" w={56} ta="right">
                      {percent(one.ap50)}
                    </Text>
                  </Group>
                )}
              </Table.Td>
              <Table.Td ta="right">{one.ap === null ? '–' : percent(one.ap)}</Table.Td>
              <Table.Td ta="right">{number(one.groundTruthCount)}</Table.Td>
              <Table.Td ta="right">{number(one.truePositives)}</Table.Td>
              <Table.Td ta="right">{number(one.falsePositives)}</Table.Td>
              <Table.Td ta="right">{number(one.falseNegatives)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}
