import { useMutation, useQuery } from '@apollo/client/react'
import { Select } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormats } from '../../look/formats.ts'
import { mayAs } from '../../project/may.ts'
import { CopyVersionDocument, ProjectChoicesDocument } from '../operations.generated.ts'
import { FormDialog } from '../../look/FormDialog.tsx'
import { TargetFields } from './TargetFields.tsx'
import type { OperationProps } from './Operations.tsx'
import { useGoToVersion, useTarget } from './target.ts'

/** The same content in a dataset of another project, or of this one. */
export function CopyDialog({ version, onClose }: OperationProps) {
  const { t } = useTranslation('version')
  const { number } = useFormats()
  const goTo = useGoToVersion()
  const [projectId, setProjectId] = useState<string | null>(version.project.id)
  const target = useTarget(t('copy.name', { dataset: version.dataset.name }))
  const { data } = useQuery(ProjectChoicesDocument)
  const projects = (data?.projects.edges ?? []).map(({ node }) => node)
  const [copy, { loading, error }] = useMutation(CopyVersionDocument, {
    onCompleted: ({ copyVersion }) => goTo(copyVersion.version),
  })
  const input = { versionId: version.id, projectId, ...target.input }
  return (
    <FormDialog
      size="lg"
      title={t('copy.menu')}
      meaning={t('copy.meaning', { images: number(version.assetCount) })}
      action={t('copy.do')}
      onClose={onClose}
      onSubmit={() => copy({ variables: { input } })}
      loading={loading}
      error={error}
      disabled={!projectId || !target.isNamed}
    >
      <Select
        label={t('copy.project')}
        required
        searchable
        value={projectId}
        onChange={setProjectId}
        data={projects
          .filter((project) => mayAs('EDITOR', project))
          .map(({ id, name }) => ({ value: id, label: name }))}
      />
      <TargetFields {...target.fields} />
    </FormDialog>
  )
}
