import { NativeSelect, RangeSlider, Stack, TagsInput, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { PredictionFilter } from '../graph/schema.generated.ts'
import { useFormats } from '../look/formats.ts'
import type { VersionShown } from './VersionPage.tsx'
import { useSetWords } from './useSetWords.ts'

interface FoundFilterProps {
  readonly sets: VersionShown['predictionSets']
  readonly labels: readonly string[]
  readonly value: PredictionFilter | null | undefined
  readonly onChange: (value: PredictionFilter | undefined) => void
}

/** Images by what a model found in them: where it is sure, and where it is not. */
export function FoundFilter({ sets, labels, value, onChange }: FoundFilterProps) {
  const { t } = useTranslation('version')
  const { percent } = useFormats()
  const wordsOf = useSetWords()
  const range = [value?.minScore ?? 0, value?.maxScore ?? 1] as const
  return (
    <Stack gap="xs">
      <NativeSelect
        size="xs"
        label={t('filter.predictions')}
        value={value?.setId ?? ''}
        onChange={({ currentTarget: { value: setId } }) => onChange(setId ? { ...value, setId } : undefined)}
        data={[
          { value: '', label: t('filter.anyPredictions') },
          ...sets.map((set) => ({ value: set.id, label: wordsOf(set) })),
        ]}
      />
      {value && (
        <>
          <div>
            <Text size="xs" fw={500}>
              {t('filter.score', { from: percent(range[0]), to: percent(range[1]) })}
            </Text>
            <RangeSlider
              size="sm"
              min={0}
              max={1}
              step={0.01}
              minRange={0}
              label={null}
              thumbFromLabel={t('filter.scoreFrom')}
              thumbToLabel={t('filter.scoreTo')}
              value={[...range]}
              onChange={([minScore, maxScore]) => onChange({ ...value, minScore, maxScore })}
            />
          </div>
          <TagsInput
            size="xs"
            label={t('filter.foundLabels')}
            data={[...labels]}
            value={value.labels ?? []}
            onChange={(wanted) => onChange({ ...value, labels: wanted.length > 0 ? wanted : undefined })}
            clearable
            clearButtonProps={{ 'aria-label': t('clear') }}
          />
        </>
      )}
    </Stack>
  )
}
