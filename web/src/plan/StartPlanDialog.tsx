import { useMutation } from '@apollo/client/react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { StartPlanInput } from '../graph/schema.generated.ts'
import { whoIn, type LabellerChoice } from '../iteration/labeller.ts'
import type { StrategyChoice } from '../iteration/strategy-choice.ts'
import { FormDialog } from '../look/FormDialog.tsx'
import { gatesIn, isComplete, settingsIn, type PlanFields } from './fields.ts'
import { StartPlanDocument } from './plan.generated.ts'
import { PlanInputs } from './PlanInputs.tsx'
import { ruleOf } from './rule.ts'

/** What a plan begins with, as far as it is chosen already. */
export type Begun = Omit<StartPlanInput, 'stopRule' | 'name' | 'gates' | keyof StrategyChoice | 'topK'> &
  StrategyChoice & { readonly topK: number }

interface StartPlanDialogProps {
  readonly begun: Begun
  /** What it branches off; left out: it goes on with the rounds of the project. */
  readonly branchOf?: { readonly id: string; readonly name: string }
  readonly labellers: readonly LabellerChoice[]
  readonly classes: readonly string[]
  readonly close: () => void
}

/** Asks when a plan has done enough and where it waits for people, and starts it. */
export function StartPlanDialog({ begun, branchOf, labellers, classes, close }: StartPlanDialogProps) {
  const { t } = useTranslation('plan')
  const { t: word } = useTranslation('iteration')
  const [start, { loading, error }] = useMutation(StartPlanDocument)
  const [fields, setFields] = useState(() => fieldsOf(begun))

  async function begin() {
    const { automaticLabellerId: _, vendorIds: __, ...kept } = begun // who labels stands in the fields
    const input: StartPlanInput = {
      ...kept,
      ...settingsIn(fields),
      stopRule: ruleOf(fields.rule),
      gates: gatesIn(fields),
      branchOfId: branchOf?.id,
      name: fields.name.trim() || word(`strategyName.${fields.choice.strategy}`),
    }
    await start({ variables: { input }, refetchQueries: 'active' })
    close()
  }

  return (
    <FormDialog
      title={branchOf ? t('startBranch', { name: branchOf.name }) : t('startPlan')}
      meaning={branchOf ? t('branchAdvice') : t('planAdvice')}
      size="lg"
      action={t('startPlan')}
      onClose={close}
      onSubmit={begin}
      loading={loading}
      error={error}
      disabled={!isComplete(fields)}
    >
      <PlanInputs
        fields={fields}
        onChange={(change) => setFields({ ...fields, ...change })}
        labellers={labellers}
        classes={classes}
      />
    </FormDialog>
  )
}

function fieldsOf({
  strategy,
  strategies,
  minShare,
  topK,
  automaticLabellerId,
  vendorIds,
}: Begun): PlanFields {
  return {
    name: '',
    choice: { strategy, strategies, minShare },
    topK,
    who: whoIn({ automaticLabellerId, vendorIds }),
    rule: { targetMap: '', roundsWithoutGain: 2, maxRounds: 5, maxImages: '' },
    gates: [],
  }
}
