import { useMutation } from '@apollo/client/react'
import { Alert } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { FilterVersionDocument } from '../operations.generated.ts'
import { useView } from '../view.ts'
import { FormDialog } from '../../look/FormDialog.tsx'
import { TargetFields } from './TargetFields.tsx'
import type { OperationProps } from './Operations.tsx'
import { Preview } from './Preview.tsx'
import { useGoToVersion, useTarget } from './target.ts'

/** Keeps what the filter of the page lets through. */
export function FilterDialog({ version, onClose }: OperationProps) {
  const { t } = useTranslation('version')
  const goTo = useGoToVersion()
  const { filter } = useView().view
  const target = useTarget(t('filterBy.name', { dataset: version.dataset.name }))
  const [keep, { loading, error }] = useMutation(FilterVersionDocument, {
    onCompleted: ({ filterVersion }) => goTo(filterVersion.version),
  })
  const input = { versionId: version.id, filter, ...target.input }
  return (
    <FormDialog
      size="lg"
      title={t('filterBy.menu')}
      meaning={t('filterBy.meaning')}
      action={t('filterBy.do')}
      onClose={onClose}
      onSubmit={() => keep({ variables: { input } })}
      loading={loading}
      error={error}
      disabled={!filter || !target.isNamed}
    >
      {!filter && <Alert color="orange">{t('filterBy.none')}</Alert>}
      <TargetFields {...target.fields} />
      <Preview input={filter ? { filter: input } : undefined} />
    </FormDialog>
  )
}
