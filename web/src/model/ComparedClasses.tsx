import { Progress, Table, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useFormats } from '../look/formats.ts'
import { evaluationOn, type ComparedModel } from './compared-models.ts'

/** AP of each class of each model, on its own test set. */
export function ComparedClasses({ models }: { models: readonly ComparedModel[] }) {
  const { t } = useTranslation('model')
  const { percent } = useFormats()
  const figures = models.map(
    (model) => new Map((evaluationOn(model)?.classes ?? []).map(({ label, ap50 }) => [label, ap50])),
  )
  const labels = [...new Set(models.flatMap(({ classes }) => classes))]
  return (
    <Table.ScrollContainer minWidth={420}>
      <Table verticalSpacing={6}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('class')}</Table.Th>
            {models.map(({ id, name }) => (
              <Table.Th key={id}>{t('ap50By', { name })}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody className="figures">
          {labels.map((label) => {
            const row = figures.map((of) => of.get(label) ?? null)
            const best = Math.max(...row.map((ap) => ap ?? -1))
            return (
              <Table.Tr key={label}>
                <Table.Td>{label}</Table.Td>
                {row.map((ap, index) => (
                  <Table.Td key={models[index]!.id}>
                    {ap === null ? (
                      <Text size="sm" c="dimmed">
                        {t('noObjects')}
                      </Text>
                    ) : (
                      <>
                        <Text size="sm" fw={ap === best ? 650 : 400}>
                          {percent(ap)}
                        </Text>
                        <Progress value={ap * 100} size="xs" aria-hidden />
                      </>
                    )}
                  </Table.Td>
                ))}
              </Table.Tr>
            )
          })}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}
