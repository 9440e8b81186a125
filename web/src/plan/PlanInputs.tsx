import { Checkbox, Group, NumberInput, SimpleGrid, Text, TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { ClassShares } from '../iteration/ClassShares.tsx'
import type { LabellerChoice } from '../iteration/labeller.ts'
import { LabellerSelect } from '../iteration/LabellerSelect.tsx'
import { stepNames } from '../iteration/next.ts'
import { StrategyInput } from '../iteration/StrategyInput.tsx'
import type { PlanFields } from './fields.ts'
import { isRule, type RuleFields } from './rule.ts'

interface PlanInputsProps {
  readonly fields: PlanFields
  readonly onChange: (change: Partial<PlanFields>) => void
  readonly labellers: readonly LabellerChoice[]
  /** What can be given a least share. */
  readonly classes: readonly string[]
}

/** How a plan's rounds mine, who labels, when it has done enough and where it waits for people. */
export function PlanInputs({ fields, onChange, labellers, classes }: PlanInputsProps) {
  const { t } = useTranslation('plan')
  const { t: word } = useTranslation('iteration')
  const { name, choice, topK, who, rule, gates } = fields
  return (
    <>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <StrategyInput choice={choice} onChange={(next) => onChange({ choice: next })} />
        <NumberInput
          label={t('imagesPerRound')}
          description={word('imagesPerRoundAdvice')}
          min={1}
          max={100_000}
          allowDecimal={false}
          value={topK}
          onChange={(value) => onChange({ topK: value })}
        />
        <TextInput
          label={t('name')}
          placeholder={word(`strategyName.${choice.strategy}`)}
          value={name}
          onChange={({ currentTarget }) => onChange({ name: currentTarget.value })}
          maxLength={200}
        />
        <LabellerSelect who={who} labellers={labellers} onChange={(next) => onChange({ who: next })} />
      </SimpleGrid>
      <ClassShares
        shares={choice.minShare}
        classes={classes}
        onChange={(minShare) => onChange({ choice: { ...choice, minShare } })}
      />
      <RuleInputs rule={rule} onChange={(change) => onChange({ rule: { ...rule, ...change } })} />
      <Checkbox.Group
        label={t('gates')}
        description={t('gatesAdvice')}
        value={[...gates]}
        onChange={(steps) => onChange({ gates: steps })}
      >
        <Group mt="xs">
          {stepNames.map((step) => (
            <Checkbox key={step} value={step} label={word(`step.${step}`)} />
          ))}
        </Group>
      </Checkbox.Group>
    </>
  )
}
function RuleInputs({
  rule,
  onChange,
}: {
  readonly rule: RuleFields
  readonly onChange: (change: Partial<RuleFields>) => void
}) {
  const { t } = useTranslation('plan')
  return (
    <>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <NumberInput
          label={t('targetMap')}
          description={t('targetMapAdvice')}
          min={0}
          max={100}
          value={rule.targetMap}
          onChange={(targetMap) => onChange({ targetMap })}
        />
        <NumberInput
          label={t('roundsWithoutGain')}
          description={t('roundsWithoutGainAdvice')}
          min={1}
          max={100}
          allowDecimal={false}
          value={rule.roundsWithoutGain}
          onChange={(roundsWithoutGain) => onChange({ roundsWithoutGain })}
        />
        <NumberInput
          label={t('maxRounds')}
          min={1}
          max={1_000}
          allowDecimal={false}
          value={rule.maxRounds}
          onChange={(maxRounds) => onChange({ maxRounds })}
        />
        <NumberInput
          label={t('maxImages')}
          description={t('maxImagesAdvice')}
          min={1}
          max={100_000_000}
          allowDecimal={false}
          value={rule.maxImages}
          onChange={(maxImages) => onChange({ maxImages })}
        />
      </SimpleGrid>
      {!isRule(rule) && (
        <Text size="sm" c="red" role="status">
          {t('ruleNeeded')}
        </Text>
      )}
    </>
  )
}
