import { NumberInput, Select, SimpleGrid, Switch } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { imagesFor } from './choices.ts'
import { ClassShares } from './ClassShares.tsx'
import { settingsOfChoice, strategyChoiceIn } from './strategy-choice.ts'
import { StrategyInput } from './StrategyInput.tsx'
import type { Settings } from './StepPanel.tsx'

const aggregates = ['MAX', 'MEAN', 'TOP_MEAN', 'SUM'] as const
/** As the service counts where nothing is said. */
const usualTopCount = 3

/** How the images are found from which the model would learn most. */
export function MineSettings({ choices, parameters, onChange }: Settings) {
  const { t } = useTranslation('iteration')
  const { images, gpuCount } = choices
  const choice = strategyChoiceIn(parameters)
  const isRandom = choice.strategy === 'RANDOM' && choice.strategies.length === 0
  const annotate = parameters.annotate === true
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md">
      <StrategyInput choice={choice} onChange={(next) => onChange(settingsOfChoice(next))} />
      {isRandom ? (
        <NumberInput
          label={t('seed')}
          description={t('seedAdvice')}
          min={0}
          max={2_147_483_647}
          allowDecimal={false}
          value={Number(parameters.seed ?? 0)}
          onChange={(seed) => onChange({ seed: Number(seed) })}
        />
      ) : (
        <Select
          label={t('aggregate')}
          description={t('aggregateAdvice')}
          data={aggregates.map((value) => ({ value, label: t(`aggregateName.${value}`) }))}
          value={String(parameters.aggregate)}
          onChange={(value) => onChange({ aggregate: value })}
          allowDeselect={false}
        />
      )}
      {!isRandom && parameters.aggregate === 'TOP_MEAN' && (
        <NumberInput
          label={t('boxesCounted')}
          description={t('boxesCountedAdvice')}
          min={1}
          max={1_000}
          allowDecimal={false}
          value={Number(parameters.aggregateCount ?? usualTopCount)}
          onChange={(count) => onChange({ aggregateCount: Number(count) })}
        />
      )}
      {!isRandom && (
        <NumberInput
          label={t('scoreOfNothing')}
          description={t('scoreOfNothingAdvice')}
          min={0}
          max={1_000_000}
          value={Number(parameters.scoreWithoutDetections ?? 0)}
          onChange={(score) => onChange({ scoreWithoutDetections: Number(score) })}
        />
      )}
      <NumberInput
        label={t('imagesToMine')}
        description={t('imagesPerRoundAdvice')}
        min={1}
        max={100_000}
        allowDecimal={false}
        value={Number(parameters.topK)}
        onChange={(topK) => onChange({ topK: Number(topK) })}
      />
      <NumberInput
        label={t('boxesToMine')}
        description={t('boxesToMineAdvice')}
        min={1}
        max={10_000_000}
        allowDecimal={false}
        disabled={!annotate}
        value={Number(parameters.budgetBoxes) || ''}
        onChange={(boxes) => onChange({ budgetBoxes: Number(boxes) })}
      />
      <Select
        label={t('executorImage')}
        description={t('miningImageAdvice')}
        data={imagesFor(images, 'MINING').map(({ id, name }) => ({ value: id, label: name }))}
        value={String(parameters.executorImageId)}
        onChange={(id) => onChange({ executorImageId: id })}
        allowDeselect={false}
      />
      <Switch
        label={t('annotate')}
        description={t('annotateAdvice')}
        checked={annotate}
        onChange={({ currentTarget: { checked } }) =>
          onChange(checked ? { annotate: true } : { annotate: false, budgetBoxes: 0, minShare: [] })
        }
      />
      <Switch
        label={t('deduplicate')}
        description={t('deduplicateAdvice')}
        checked={parameters.deduplicate !== false}
        onChange={({ currentTarget: { checked } }) => onChange({ deduplicate: checked })}
      />
      <ClassShares
        shares={choice.minShare}
        classes={choices.classes}
        onChange={(minShare) => onChange(minShare.length > 0 ? { minShare, annotate: true } : { minShare })}
      />
      {gpuCount > 0 && <Gpus gpuCount={gpuCount} value={parameters.gpuCount} onChange={onChange} />}
    </SimpleGrid>
  )
}

/** How many of the machine's GPUs a job gets. */
export function Gpus({
  gpuCount,
  value,
  onChange,
}: {
  readonly gpuCount: number
  readonly value: unknown
  readonly onChange: (change: { gpuCount: number }) => void
}) {
  const { t } = useTranslation('iteration')
  return (
    <NumberInput
      label={t('gpus')}
      description={t('gpusAdvice', { count: gpuCount })}
      min={0}
      max={gpuCount}
      allowDecimal={false}
      value={Number(value ?? 0)}
      onChange={(count) => onChange({ gpuCount: Number(count) })}
    />
  )
}
