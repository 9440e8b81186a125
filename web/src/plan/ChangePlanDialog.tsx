import { useMutation } from '@apollo/client/react'
import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import type { LabellerChoice } from '../iteration/labeller.ts'
import { tell } from '../look/notices.tsx'
import { Problem } from '../look/Problem.tsx'
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

  async function keep(event: FormEvent) {
    event.preventDefault()
    const input = { planId: plan.id, ...changesOf(before, fields) }
    await change({ variables: { input }, refetchQueries: 'active' })
    tell(t('planChanged'))
    close()
  }

  return (
    <Modal
      opened
      onClose={close}
      size="lg"
      title={t('changePlan', { name: plan.name })}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      {/* what the graph refused is shown by `error` */}
      <form onSubmit={(event) => void keep(event).catch(() => undefined)}>
        <Stack>
          <Text size="sm" c="dimmed">
            {plan.state === 'STOPPED' ? t('changeStoppedAdvice') : t('changeAdvice')}
          </Text>
          <PlanInputs
            fields={fields}
            onChange={(one) => setFields({ ...fields, ...one })}
            labellers={labellers}
            classes={classes}
          />
          <Problem error={error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {t('cancel')}
            </Button>
            <Button type="submit" loading={loading} disabled={!isComplete(fields) || !fields.name.trim()}>
              {t('save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
