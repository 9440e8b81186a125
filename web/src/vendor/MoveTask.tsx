import { useMutation, useQuery } from '@apollo/client/react'
import { Select, Skeleton, Text } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FormDialog } from '../look/FormDialog.tsx'
import { tell } from '../look/notices.tsx'
import { Problem } from '../look/Problem.tsx'
import { MoveTaskDocument, VendorsForTaskDocument } from './move-task.generated.ts'

/** Where a task goes that has no vendor any more: a vendor has an id. */
const toPeople = 'people'

interface MoveTaskProps {
  readonly task: {
    readonly id: string
    readonly project: { readonly id: string }
    readonly vendor: { readonly id: string } | null
  }
  readonly close: () => void
}

/** Gives a task to another vendor, or to people. */
export function MoveTask({ task: { id: taskId, project, vendor }, close }: MoveTaskProps) {
  const { t } = useTranslation('vendor')
  const { data, error, refetch } = useQuery(VendorsForTaskDocument, { variables: { projectId: project.id } })
  const [move, { loading, error: notMoved }] = useMutation(MoveTaskDocument, { refetchQueries: 'active' })
  const [chosen, setChosen] = useState<string | null>(vendor ? toPeople : null)
  const others = data?.project?.vendors.filter(({ id }) => id !== vendor?.id)
  const choices = [
    ...(vendor ? [{ value: toPeople, label: t('people') }] : []),
    ...(others ?? []).map(({ id, name }) => ({ value: id, label: name })),
  ]

  async function submit() {
    if (!chosen) return
    await move({ variables: { input: { taskId, vendorId: chosen === toPeople ? null : chosen } } })
    tell(t('taskMoved'))
    close()
  }

  return (
    <FormDialog
      title={t('moveTask')}
      action={t('move')}
      onClose={close}
      onSubmit={submit}
      loading={loading}
      error={notMoved}
      disabled={!chosen}
    >
      <Problem error={error} retry={() => void refetch()} />
      {!others && !error && <Skeleton h={60} />}
      {others && choices.length === 0 && <Text size="sm">{t('noVendorToMoveTo')}</Text>}
      {choices.length > 0 && (
        <Select
          label={t('moveTo')}
          description={t('moveAdvice')}
          placeholder={t('chooseVendor')}
          data={choices}
          value={chosen}
          onChange={setChosen}
          allowDeselect={false}
          data-autofocus
        />
      )}
    </FormDialog>
  )
}
