import { Button, Modal, Select, Stack } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useMutation, useQuery } from '@apollo/client/react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useMayChange } from '../job/may-change.ts'
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
      <Modal
        opened={isOpen}
        onClose={close}
        title={t('evaluateOn')}
        closeButtonProps={{ 'aria-label': t('closeForm') }}
      >
        <Choice
          model={model}
          onStarted={(id) => {
            close()
            onStarted(id)
          }}
        />
      </Modal>
    </>
  )
}

function Choice({ model, onStarted }: { model: ShownModel; onStarted: (evaluationId: string) => void }) {
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
    <Stack>
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
      <Problem error={error} />
      <Button
        loading={loading}
        disabled={!versionId || !stageId}
        onClick={() =>
          // shown as `error`
          void evaluate({ variables: { stageId: stageId!, versionId: versionId! } }).catch(() => undefined)
        }
      >
        {t('evaluate')}
      </Button>
    </Stack>
  )
}
