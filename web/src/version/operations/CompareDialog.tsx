import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import { FormDialog } from '../../look/FormDialog.tsx'
import type { OperationProps } from './Operations.tsx'
import { VersionChoice } from './VersionChoice.tsx'

/** Chooses the version to compare this one with. */
export function CompareDialog({ version, onClose }: OperationProps) {
  const { t } = useTranslation('version')
  const navigate = useNavigate()
  const [other, setOther] = useState<string | null>(version.parents[0]?.id ?? null)
  return (
    <FormDialog
      size="lg"
      title={t('compare')}
      meaning={t('compareMeaning')}
      action={t('compare')}
      onClose={onClose}
      onSubmit={() => navigate(`/versions/${other}/diff/${version.id}`)}
      disabled={!other}
    >
      <VersionChoice
        projectId={version.project.id}
        label={t('compareWith')}
        without={version.id}
        value={other}
        onChange={setOther}
      />
    </FormDialog>
  )
}
