import { useMutation } from '@apollo/client/react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { LabellerChoice } from '../iteration/labeller.ts'
import { FormDialog } from '../look/FormDialog.tsx'
import { tell } from '../look/notices.tsx'
import { changesOf, fieldsOfPlan, isComplete } from './fields.ts'
import { ChangePlanDocument } from './plan.generated.ts'
import { PlanInputs } from './PlanInputs.tsx'
import type { Plan } from './PlanPanel.tsx'

interface ChangePlanDialogProps {
  readonly plan: Plan
  readonly labellers: readonly LabellerChoice[]
  readonly classes: readonly string[]
  readonly close: () => void
}

/** Changes a plan under way: its settings from the next round on, its rule and gates at once. */
export function ChangePlanDialog({ plan, labellers, classes, close }: ChangePlanDialogProps) {
  const { t } = useTranslation('plan')
  const [change, { loading, error }] = useMutation(ChangePlanDocument)
  // as it is when the dialog opens: what others change meanwhile and is not touched here stays
  const [before] = useState(() => fieldsOfPlan(plan))
  const [fields, setFields] = useState(before)

  async function keep() {
    const input = { planId: plan.id, ...changesOf(before, fields) }
    await change({ variables: { input }, refetchQueries: 'active' })
    tell(t('planChanged'))
    close()
  }

  return (
    <FormDialog
      title={t('changePlan', { name: plan.name })}
      meaning={plan.state === 'STOPPED' ? t('changeStoppedAdvice') : t('changeAdvice')}
      size="lg"
      action={t('save')}
      onClose={close}
      onSubmit={keep}
      loading={loading}
      error={error}
      disabled={!isComplete(fields) || !fields.name.trim()}
    >
      <PlanInputs
        fields={fields}
        onChange={(one) => setFields({ ...fields, ...one })}
        labellers={labellers}
        classes={classes}
      />
    </FormDialog>
  )
}
