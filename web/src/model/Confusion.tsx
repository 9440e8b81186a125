import { Box, Group, Paper, Slider, Text } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@apollo/client/react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ListSkeleton } from '../look/ListSkeleton.tsx'
import { Problem } from '../look/Problem.tsx'
import { ConfusedImages } from './ConfusedImages.tsx'
import { confusionTable, type Side } from './confusion-table.ts'
import { EvaluationConfusionDocument } from './model.generated.ts'
import './model.css'

export interface ChosenCell {
  readonly groundTruth: Side
  readonly predicted: Side
}

/** Which label is taken for which; a cell opens its images. */
export function Confusion({ evaluationId }: { evaluationId: string }) {
  const { t } = useTranslation('model')
  const [threshold, setThreshold] = useState(0.5)
  const [scoreThreshold] = useDebouncedValue(threshold, 250)
  const [chosen, setChosen] = useState<ChosenCell>()
  const { data, previousData, error, refetch } = useQuery(EvaluationConfusionDocument, {
    variables: { id: evaluationId, scoreThreshold },
  })
  const confusion = (data ?? previousData)?.evaluation?.confusion
  return (
    <Paper withBorder p="md">
      <Group justify="space-between" mb="xs" gap="xs">
        <Text fw={600}>{t('confusion')}</Text>
        <Group gap="xs" wrap="nowrap">
          <Text size="xs" c="dimmed" id="confusion-threshold">
            {t('threshold')}
          </Text>
          <Slider
            w={120}
            size="sm"
            min={0.05}
            max={0.95}
            step={0.05}
            value={threshold}
            onChange={setThreshold}
            label={(value) => value.toFixed(2)}
            thumbProps={{ 'aria-labelledby': 'confusion-threshold' }}
          />
        </Group>
      </Group>
      {error && <Problem error={error} retry={() => void refetch()} />}
      {!confusion && !error && <ListSkeleton rows={6} height={24} />}
      {confusion && <Matrix labels={confusion.labels} cells={confusion.cells} onChoose={setChosen} />}
      {chosen && (
        <ConfusedImages
          evaluationId={evaluationId}
          cell={chosen}
          scoreThreshold={scoreThreshold}
          onClose={() => setChosen(undefined)}
        />
      )}
    </Paper>
  )
}

function Matrix({
  labels,
  cells,
  onChoose,
}: {
  labels: readonly string[]
  cells: Parameters<typeof confusionTable>[1]
  onChoose: (cell: ChosenCell) => void
}) {
  const { t } = useTranslation('model')
  const table = confusionTable(labels, cells)
  const nameOf = (side: Side) => side ?? t('background')
  return (
    <Box className="confusion" tabIndex={0} role="region" aria-label={t('confusion')}>
      <table>
        <thead>
          <tr>
            <th scope="col">
              <Text size="xs" c="dimmed">
                {t('isTakenFor')}
              </Text>
            </th>
            {table.sides.map((predicted) => (
              <th key={nameOf(predicted)} scope="col" className="column-name">
                <span>{nameOf(predicted)}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.sides.map((groundTruth) => (
            <tr key={nameOf(groundTruth)}>
              <th scope="row">{nameOf(groundTruth)}</th>
              {table.sides.map((predicted) => {
                const count = table.count(groundTruth, predicted)
                const isRight = groundTruth === predicted
                return (
                  <td
                    key={nameOf(predicted)}
                    className={isRight ? 'right' : 'wrong'}
                    style={
                      { '--share': `${Math.round(table.share(groundTruth, predicted) * 70)}%` } as object
                    } // a property of ours
                  >
                    {count > 0 && (
                      <button
                        type="button"
                        aria-label={t('cell', {
                          count,
                          groundTruth: nameOf(groundTruth),
                          predicted: nameOf(predicted),
                        })}
                        onClick={() => onChoose({ groundTruth, predicted })}
                      >
                        {count}
                      </button>
                    )}
                  </td>
                )
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </Box>
  )
}
