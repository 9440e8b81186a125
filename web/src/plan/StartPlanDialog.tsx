import { useMutation } from '@apollo/client/react'
import {
  Button,
  Checkbox,
  Group,
  Modal,
  NumberInput,
  Select,
  SimpleGrid,
  Stack,
  Text,
  TextInput,
} from '@mantine/core'
import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import type { IterationStepName, MiningStrategy, StartPlanInput } from '../graph/schema.generated.ts'
import { stepNames } from '../iteration/next.ts'
import { strategies } from '../iteration/strategies.ts'
import { Problem } from '../look/Problem.tsx'
import { StartPlanDocument } from './plan.generated.ts'
import { isRule, ruleOf, type RuleFields } from './rule.ts'

/** What a plan begins with, as far as it is chosen already. */
export type Begun = Omit<StartPlanInput, 'stopRule' | 'name' | 'gates'> & {
  readonly strategy: MiningStrategy
  readonly topK: number
}

interface StartPlanDialogProps {
  readonly begun: Begun
  /** What it branches off; left out: it goes on with the rounds of the project. */
  readonly branchOf?: { readonly id: string; readonly name: string }
  readonly labellers: readonly { readonly id: string; readonly name: string }[]
  readonly close: () => void
}

/** Chosen where people answer: an automatic labeller has an id. */
const byPeople = 'people'

/** Asks when a plan has done enough and where it waits for people, and starts it. */
export function StartPlanDialog({ begun, branchOf, labellers, close }: StartPlanDialogProps) {
  const { t } = useTranslation('plan')
  const { t: word } = useTranslation('iteration')
  const [start, { loading, error }] = useMutation(StartPlanDocument)
  const [strategy, setStrategy] = useState(begun.strategy)
  const [name, setName] = useState('')
  const [topK, setTopK] = useState<number | string>(begun.topK)
  const [who, setWho] = useState(begun.automaticLabellerId ?? byPeople)
  const [rule, setRule] = useState<RuleFields>({ ...noRule, roundsWithoutGain: 2, maxRounds: 5 })
  const [gates, setGates] = useState<string[]>([])

  async function begin(event: FormEvent) {
    event.preventDefault()
    const input: StartPlanInput = {
      ...begun,
      ...{ strategy, topK: Number(topK), stopRule: ruleOf(rule) },
      gates: stepNames.filter((step) => gates.includes(step)),
      branchOfId: branchOf?.id,
      name: name.trim() || undefined,
      automaticLabellerId: who === byPeople ? null : who,
    }
    // what the graph refused is shown by `error`
    const { data } = await start({ variables: { input }, refetchQueries: 'active' }).catch(() => ({
      data: undefined,
    }))
    if (data) close()
  }

  return (
    <Modal
      opened
      onClose={close}
      size="lg"
      title={branchOf ? t('startBranch', { name: branchOf.name }) : t('startPlan')}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <form onSubmit={(event) => void begin(event)}>
        <Stack>
          <Text size="sm" c="dimmed">
            {branchOf ? t('branchAdvice') : t('planAdvice')}
          </Text>
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            <Select
              label={t('strategy')}
              data={strategies.map((value) => ({ value, label: word(`strategyName.${value}`) }))}
              value={strategy}
              onChange={(value) => value && setStrategy(value)}
              allowDeselect={false}
            />
            <NumberInput
              label={t('imagesPerRound')}
              min={1}
              max={100_000}
              allowDecimal={false}
              value={topK}
              onChange={setTopK}
            />
            <TextInput
              label={t('name')}
              placeholder={word(`strategyName.${strategy}`)}
              value={name}
              onChange={({ currentTarget }) => setName(currentTarget.value)}
              maxLength={200}
            />
            <Select
              label={t('who')}
              data={[
                { value: byPeople, label: t('people') },
                ...labellers.map(({ id, name: labeller }) => ({
                  value: id,
                  label: t('labellerKnows', { name: labeller }),
                })),
              ]}
              value={who}
              onChange={(value) => setWho(value ?? byPeople)}
              allowDeselect={false}
            />
          </SimpleGrid>
          <RuleInputs rule={rule} onChange={(change) => setRule({ ...rule, ...change })} />
          <Checkbox.Group label={t('gates')} description={t('gatesAdvice')} value={gates} onChange={setGates}>
            <Group mt="xs">
              {stepNames.map((step: IterationStepName) => (
                <Checkbox key={step} value={step} label={word(`step.${step}`)} />
              ))}
            </Group>
          </Checkbox.Group>
          <Problem error={error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {t('cancel')}
            </Button>
            <Button type="submit" loading={loading} disabled={!isRule(rule) || !(Number(topK) >= 1)}>
              {t('startPlan')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

const noRule: RuleFields = { targetMap: '', roundsWithoutGain: '', maxRounds: '', maxImages: '' }

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
