import { Button, FileButton, Group, Slider, Stack, Text } from '@mantine/core'
import { useMutation, useQuery } from '@apollo/client/react'
import { IconPhotoUp } from '@tabler/icons-react'
import { useEffect, useState, type DragEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { JobBar } from '../job/JobBar.tsx'
import { Problem } from '../look/Problem.tsx'
import { InferPhotosDocument, InferredPhotosDocument, ModelStagesOfDocument } from './model.generated.ts'
import { Section } from '../look/Section.tsx'
import { uploadFile } from '../upload/upload.ts'
import { ValidatedPhoto, type FoundPhoto } from './ValidatedPhoto.tsx'
import './model.css'

/** As many as are looked at in one go. */
const mostPhotos = 20
const askAgainMs = 1_000

/** Photos that one drops are looked at by the best stage; the threshold acts at once, on what is here already. */
export function Validate({ modelId }: { modelId: string }) {
  const { t } = useTranslation('model')
  const [photos, setPhotos] = useState<readonly File[]>([])
  const [inferenceId, setInferenceId] = useState<string>()
  const [threshold, setThreshold] = useState(0.5)
  const [isOver, setOver] = useState(false)
  const [isUploading, setUploading] = useState(false)
  const [problem, setProblem] = useState<unknown>()
  const { data: stageData } = useQuery(ModelStagesOfDocument, { variables: { id: modelId } })
  const best = stageData?.model?.stages.find((stage) => stage.best)
  const [inferPhotos] = useMutation(InferPhotosDocument)

  async function look(files: readonly File[]) {
    const chosen = files.filter(({ type }) => type.startsWith('image/')).slice(0, mostPhotos)
    if (!best || chosen.length === 0) return
    setPhotos(chosen)
    setInferenceId(undefined)
    setProblem(undefined)
    setUploading(true)
    try {
      const uploadIds = await Promise.all(chosen.map((photo) => uploadFile(photo, photo.name)))
      const { data } = await inferPhotos({ variables: { stageId: best.id, uploadIds } })
      setInferenceId(data?.inferPhotos.inference.id)
    } catch (failure) {
      setProblem(failure)
    } finally {
      setUploading(false)
    }
  }

  function drop(event: DragEvent) {
    event.preventDefault()
    setOver(false)
    void look([...event.dataTransfer.files])
  }

  return (
    <Section title={t('validate')} advice={t('validateAdvice')}>
      <div
        className={isOver ? 'photo-drop is-over' : 'photo-drop'}
        onDragOver={(event) => {
          event.preventDefault()
          setOver(true)
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        <Stack align="center" gap="xs">
          <IconPhotoUp size={32} aria-hidden />
          <Text size="sm">{t('dropPhotos', { count: mostPhotos })}</Text>
          <FileButton multiple accept="image/*" onChange={(files) => void look(files)}>
            {(props) => (
              <Button {...props} variant="default" loading={isUploading} disabled={!best}>
                {t('choosePhotos')}
              </Button>
            )}
          </FileButton>
        </Stack>
      </div>
      <Problem error={problem} />
      {inferenceId && (
        <Found
          key={inferenceId}
          inferenceId={inferenceId}
          files={photos}
          threshold={threshold}
          onThreshold={setThreshold}
        />
      )}
    </Section>
  )
}

function Found({
  inferenceId,
  files,
  threshold,
  onThreshold,
}: {
  inferenceId: string
  files: readonly File[]
  threshold: number
  onThreshold: (threshold: number) => void
}) {
  const { t } = useTranslation('model')
  const [isEnded, setEnded] = useState(false)
  const { data, error } = useQuery(InferredPhotosDocument, {
    variables: { id: inferenceId },
    pollInterval: isEnded ? 0 : askAgainMs,
  })
  const inference = data?.inference
  const hasEnded = inference != null && inference.state !== 'RUNNING'
  useEffect(() => setEnded(hasEnded), [hasEnded])
  if (error && !inference) return <Problem error={error} />
  if (!inference) return null
  if (inference.state === 'RUNNING') return <JobBar id={inference.jobId} />
  if (inference.state === 'FAILED') return <Problem error={inference.problem ?? t('evaluationFailed')} />
  const photos: FoundPhoto[] = inference.photos.flatMap((photo) => {
    const file = files.find(({ name }) => name === photo.name)
    return file ? [{ ...photo, file }] : []
  })
  return (
    <Stack gap="md">
      <Group gap="sm" maw={520} wrap="nowrap">
        <Text size="sm" id="photo-threshold">
          {t('threshold')}
        </Text>
        <Slider
          flex={1}
          min={0.01}
          max={0.99}
          step={0.01}
          value={threshold}
          onChange={onThreshold}
          label={null}
          thumbProps={{ 'aria-labelledby': 'photo-threshold' }}
        />
        <Text size="sm" fw={600} className="figures" w={40}>
          {threshold.toFixed(2)}
        </Text>
      </Group>
      {photos.map((photo) => (
        <ValidatedPhoto key={photo.name} photo={photo} threshold={threshold} />
      ))}
    </Stack>
  )
}
