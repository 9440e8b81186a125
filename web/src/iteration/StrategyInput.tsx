import { ActionIcon, Button, Group, Input, NumberInput, Select, Stack } from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { scoringStrategies, strategies } from './strategies.ts'
import {
  termsAtMost,
  withAnotherStrategy,
  withTerms,
  type StrategyChoice,
  type Term,
} from './strategy-choice.ts'

interface StrategyInputProps {
  readonly choice: StrategyChoice
  readonly onChange: (choice: StrategyChoice) => void
}

/** By what the images are chosen: one strategy, or a hybrid of several. */
export function StrategyInput({ choice, onChange }: StrategyInputProps) {
  const { t } = useTranslation('iteration')
  const { strategy, strategies: terms } = choice
  return (
    <Stack gap={6} align="stretch">
      {terms.length > 0 ? (
        <Hybrid terms={terms} onChange={(next) => onChange(withTerms(choice, next))} />
      ) : (
        <Select
          label={t('strategy')}
          description={t(`strategyAdvice.${strategy}`)}
          data={strategies.map((value) => ({ value, label: t(`strategyName.${value}`) }))}
          value={strategy}
          onChange={(value) => value && onChange({ ...choice, strategy: value })}
          allowDeselect={false}
        />
      )}
      {terms.length < termsAtMost && (
        <Group>
          <Button
            variant="subtle"
            size="compact-sm"
            leftSection={<IconPlus size={14} aria-hidden />}
            onClick={() => onChange(withAnotherStrategy(choice))}
          >
            {t('combine')}
          </Button>
        </Group>
      )}
    </Stack>
  )
}

function Hybrid({
  terms,
  onChange,
}: {
  readonly terms: readonly Term[]
  readonly onChange: (terms: readonly Term[]) => void
}) {
  const { t } = useTranslation('iteration')
  const changed = (place: number, change: Partial<Term>) =>
    onChange(terms.map((term, index) => (index === place ? { ...term, ...change } : term)))
  return (
    <Stack gap={6} role="group" aria-label={t('hybrid')}>
      <div>
        <Input.Label labelElement="div">{t('hybrid')}</Input.Label>
        <Input.Description>{t('hybridAdvice')}</Input.Description>
      </div>
      {terms.map(({ strategy, weight }, place) => {
        const name = t(`strategyName.${strategy}`)
        const isFree = (one: string) => one === strategy || terms.every((term) => term.strategy !== one)
        return (
          <Group key={place} gap={6} wrap="nowrap">
            <Select
              aria-label={t('partOfHybrid', { place: place + 1 })}
              className="grow"
              data={scoringStrategies
                .filter(isFree)
                .map((value) => ({ value, label: t(`strategyName.${value}`) }))}
              value={strategy}
              onChange={(value) => value && changed(place, { strategy: value })}
              allowDeselect={false}
            />
            <NumberInput
              aria-label={t('weightOf', { name })}
              w={84}
              min={0.01}
              max={100}
              step={0.5}
              decimalScale={2}
              value={weight}
              onChange={(value) => typeof value === 'number' && changed(place, { weight: value })}
            />
            <ActionIcon
              variant="subtle"
              color="red"
              aria-label={t('leaveOutNamed', { name })}
              onClick={() => onChange(terms.filter((_, index) => index !== place))}
            >
              <IconTrash size={18} aria-hidden />
            </ActionIcon>
          </Group>
        )
      })}
    </Stack>
  )
}
