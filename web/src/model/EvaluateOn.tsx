import { Button, Select } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useMutation, useQuery } from '@apollo/client/react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useMayChange } from '../job/may-change.ts'
import { FormDialog } from '../look/FormDialog.tsx'
import { Problem } from '../look/Problem.tsx'
import type { ShownModel } from './ModelPage.tsx'
import {
  EvaluateStageDocument,
  ModelStagesOfDocument,
  VersionsToEvaluateOnDocument,
} from './model.generated.ts'

/** Measures a stage on another set of its project. */
export function EvaluateOn({
  model,
  onStarted,
}: {
  model: ShownModel
  onStarted: (evaluationId: string) => void
}) {
  const { t } = useTranslation('model')
  const [isOpen, { open, close }] = useDisclosure()
  if (!useMayChange(model)) return null
  return (
    <>
      <Button variant="default" onClick={open}>
        {t('evaluateOn')}
      </Button>
      {isOpen && (
        <EvaluateDialog
          model={model}
          close={close}
          onStarted={(id) => {
            close()
            onStarted(id)
          }}
        />
      )}
    </>
  )
}

interface EvaluateDialogProps {
  readonly model: ShownModel
  readonly close: () => void
  readonly onStarted: (evaluationId: string) => void
}

function EvaluateDialog({ model, close, onStarted }: EvaluateDialogProps) {
  const { t } = useTranslation('model')
  const sets = useQuery(VersionsToEvaluateOnDocument, { variables: { projectId: model.project.id } })
  const { data: stageData } = useQuery(ModelStagesOfDocument, { variables: { id: model.id } })
  const stages = stageData?.model?.stages ?? []
  const [versionId, setVersionId] = useState<string | null>(null)
  const [chosenStage, setChosenStage] = useState<string | null>(null)
  const stageId = chosenStage ?? stages.find(({ best }) => best)?.id ?? null
  const [evaluate, { loading, error }] = useMutation(EvaluateStageDocument, {
    onCompleted: ({ evaluateStage }) => onStarted(evaluateStage.evaluation.id),
  })
  const versions = (sets.data?.project?.datasets.edges ?? []).flatMap(({ node: { latestVersion } }) =>
    latestVersion && latestVersion.annotationCount > 0 ? [latestVersion] : [],
  )
  return (
    <FormDialog
      title={t('evaluateOn')}
      action={t('evaluate')}
      onClose={close}
      onSubmit={() => evaluate({ variables: { stageId: stageId!, versionId: versionId! } })}
      loading={loading}
      error={error}
      disabled={!versionId || !stageId}
    >
      <Problem error={sets.error} />
      <Select
        label={t('measuredOn')}
        description={t('evaluateAdvice')}
        searchable
        value={versionId}
        onChange={setVersionId}
        data={versions.map(({ id, number, assetCount, dataset }) => ({
          value: id,
          label: t('versionName', { name: dataset.name, number, count: assetCount }),
        }))}
      />
      <Select
        label={t('stage')}
        value={stageId}
        onChange={setChosenStage}
        allowDeselect={false}
        data={stages.map(({ id, name }) => ({ value: id, label: name }))}
      />
    </FormDialog>
  )
}
