import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import { OperationDialog } from './OperationDialog.tsx'
import type { OperationProps } from './Operations.tsx'
import { VersionChoice } from './VersionChoice.tsx'

/** Chooses the version to compare this one with. */
export function CompareDialog({ version, onClose }: OperationProps) {
  const { t } = useTranslation('version')
  const navigate = useNavigate()
  const [other, setOther] = useState<string | null>(version.parents[0]?.id ?? null)
  return (
    <OperationDialog
      title={t('compare')}
      meaning={t('compareMeaning')}
      doIt={t('compare')}
      onClose={onClose}
      onSubmit={() => void navigate(`/versions/${other}/diff/${version.id}`)}
      loading={false}
      error={undefined}
      disabled={!other}
    >
      <VersionChoice
        projectId={version.project.id}
        label={t('compareWith')}
        without={version.id}
        value={other}
        onChange={setOther}
      />
    </OperationDialog>
  )
}
