import { Button, Stack } from '@mantine/core'
import { useQuery } from '@apollo/client/react'
import { IconDownload, IconPlayerPlay, IconRefresh } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { Link, useParams } from 'react-router'
import { NotFound } from '../app/NotFound.tsx'
import { useProjectNews } from '../graph/live.ts'
import { ListSkeleton } from '../look/ListSkeleton.tsx'
import { Page } from '../look/Page.tsx'
import { Problem } from '../look/Problem.tsx'
import { useFormats } from '../look/formats.ts'
import { useMayChange } from '../job/may-change.ts'
import { ModelPageDocument, type ModelPageQuery } from './model.generated.ts'
import { ModelStateBadge } from './ModelStateBadge.tsx'
import { Origin } from './Origin.tsx'
import { Result } from './Result.tsx'
import { Stages } from './Stages.tsx'
import { Training } from './Training.tsx'
import { Validate } from './Validate.tsx'

export type ShownModel = NonNullable<ModelPageQuery['model']>

/** A model: while it trains what it learns, then how good it is, on photos too, and where it came from. */
export function ModelPage() {
  const { modelId = '' } = useParams()
  const { data, error, refetch } = useQuery(ModelPageDocument, { variables: { id: modelId } })
  const model = data?.model
  useProjectNews(model?.project.id)
  if (error && !model) return <Problem error={error} retry={() => void refetch()} />
  if (!model && data) return <NotFound />
  if (!model)
    return (
      <Page title={undefined} crumbs={[{ label: undefined, to: '/' }]}>
        <ListSkeleton />
      </Page>
    )
  return <Shown key={model.id} model={model} />
}

function Shown({ model }: { model: ShownModel }) {
  const { t } = useTranslation('model')
  const { ago } = useFormats()
  const isReady = model.state === 'READY'
  return (
    <Page
      title={model.name}
      crumbs={[
        { label: model.project.name, to: `/projects/${model.project.id}` },
        { label: t('models'), to: `/projects/${model.project.id}/models` },
      ]}
      beside={<ModelStateBadge state={model.state} />}
      facts={t('trainedBy', { name: model.createdBy.name, ago: ago(model.createdAt) })}
      actions={<Actions model={model} />}
    >
      <Stack gap="xl">
        {isReady && <Problem error={model.problem} />}
        {!isReady && <Training model={model} />}
        {isReady && <Result model={model} />}
        {isReady && <Validate modelId={model.id} />}
        <Stages model={model} />
        {isReady && <Training model={model} />}
        <Origin model={model} />
      </Stack>
    </Page>
  )
}

function Actions({ model }: { model: ShownModel }) {
  const { t } = useTranslation('model')
  const mayChange = useMayChange(model)
  return (
    <>
      {model.packageUrl && (
        <Button
          component="a"
          href={model.packageUrl}
          download
          variant="default"
          leftSection={<IconDownload size={16} aria-hidden />}
        >
          {t('downloadPackage')}
        </Button>
      )}
      {model.state === 'READY' && mayChange && (
        <>
          <Button
            component={Link}
            to={`/projects/${model.project.id}/iterations?model=${model.id}`}
            variant="default"
            leftSection={<IconRefresh size={16} aria-hidden />}
          >
            {t('mineWithIt')}
          </Button>
          <Button
            component={Link}
            to={`/projects/${model.project.id}/train?model=${model.id}`}
            leftSection={<IconPlayerPlay size={16} aria-hidden />}
          >
            {t('trainFromIt')}
          </Button>
        </>
      )}
    </>
  )
}
