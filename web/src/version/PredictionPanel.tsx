import { Checkbox, Group, NativeSelect, Slider, Stack, Text, Title } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useFormats } from '../look/formats.ts'
import { useSetWords } from './useSetWords.ts'
import type { VersionShown } from './VersionPage.tsx'
import type { Drawn } from './view.ts'

interface PredictionPanelProps {
  readonly sets: VersionShown['predictionSets']
  readonly drawn: Drawn
  readonly set: (name: 'set' | 'score' | 'truth', value: string | undefined) => void
}

/** What is drawn: ground truth, and beside it what a model found from a score on. */
export function PredictionPanel({ sets, drawn, set }: PredictionPanelProps) {
  const { t } = useTranslation('version')
  const { percent } = useFormats()
  const wordsOf = useSetWords()
  if (sets.length === 0) return null
  return (
    <Stack gap="xs" component="section" aria-label={t('predictions')}>
      <Title order={2} size="h5">
        {t('predictions')}
      </Title>
      <Checkbox
        size="xs"
        label={t('drawTruth')}
        checked={drawn.showsTruth}
        onChange={({ currentTarget: { checked } }) => set('truth', checked ? undefined : 'off')}
      />
      <NativeSelect
        label={t('predictionSet')}
        value={drawn.setId ?? ''}
        onChange={({ currentTarget: { value } }) => set('set', value || undefined)}
        data={[
          { value: '', label: t('noPredictions') },
          ...sets.map((one) => ({ value: one.id, label: wordsOf(one) })),
        ]}
      />
      {drawn.setId && (
        <>
          <Group justify="space-between">
            <Text size="sm" id="score-label">
              {t('fromScore')}
            </Text>
            <Text size="sm" className="figures">
              {percent(drawn.score)}
            </Text>
          </Group>
          <Slider
            key={drawn.setId}
            min={0}
            max={1}
            step={0.01}
            label={null}
            defaultValue={drawn.score}
            thumbProps={{ 'aria-labelledby': 'score-label' }}
            onChangeEnd={(score) => set('score', String(score))}
          />
        </>
      )}
    </Stack>
  )
}
