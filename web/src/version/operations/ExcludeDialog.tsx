import { useMutation } from '@apollo/client/react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ExcludeVersionsDocument } from '../operations.generated.ts'
import { FormDialog } from '../../look/FormDialog.tsx'
import { TargetFields } from './TargetFields.tsx'
import type { OperationProps } from './Operations.tsx'
import { Preview } from './Preview.tsx'
import { useGoToVersion, useTarget } from './target.ts'
import { VersionsChoice } from './VersionChoice.tsx'

/** Leaves out what other versions hold. */
export function ExcludeDialog({ version, onClose }: OperationProps) {
  const { t } = useTranslation('version')
  const goTo = useGoToVersion()
  const [others, setOthers] = useState<string[]>([])
  const target = useTarget(t('exclude.name', { dataset: version.dataset.name }))
  const [exclude, { loading, error }] = useMutation(ExcludeVersionsDocument, {
    onCompleted: ({ excludeVersions }) => goTo(excludeVersions.version),
  })
  const input = { versionId: version.id, excludeVersionIds: others, ...target.input }
  return (
    <FormDialog
      size="lg"
      title={t('exclude.menu')}
      meaning={t('exclude.meaning')}
      action={t('exclude.do')}
      onClose={onClose}
      onSubmit={() => exclude({ variables: { input } })}
      loading={loading}
      error={error}
      disabled={others.length === 0 || !target.isNamed}
    >
      <VersionsChoice
        projectId={version.project.id}
        label={t('exclude.others')}
        without={version.id}
        value={others}
        onChange={setOthers}
      />
      <TargetFields {...target.fields} />
      <Preview input={others.length > 0 ? { exclude: input } : undefined} />
    </FormDialog>
  )
}
