import { Alert } from '@mantine/core'
import { useQuery } from '@apollo/client/react'
import { useTranslation } from 'react-i18next'
import { useParams, useSearchParams } from 'react-router'
import { NotFound } from '../app/NotFound.tsx'
import { Empty } from '../look/Empty.tsx'
import { ListSkeleton } from '../look/ListSkeleton.tsx'
import { Page } from '../look/Page.tsx'
import { Problem } from '../look/Problem.tsx'
import { TrainForm } from './TrainForm.tsx'
import { TrainPageDocument, type TrainPageQuery } from './train.generated.ts'

export type TrainProject = NonNullable<TrainPageQuery['project']>
export type TrainImage = TrainPageQuery['executorImages'][number]

/** Trains a model of a project: all is filled in that can be. */
export function TrainPage() {
  const { t } = useTranslation('train')
  const { projectId = '' } = useParams()
  const [params] = useSearchParams()
  const { data, error, refetch } = useQuery(TrainPageDocument, { variables: { projectId } })
  if (error && !data) return <Problem error={error} retry={() => void refetch()} />
  if (data?.project === null) return <NotFound />
  const project = data?.project
  const images = data?.executorImages.filter(
    ({ kinds, enabled, state }) => enabled && state === 'READY' && kinds.includes('TRAINING'),
  )
  return (
    <Page
      title={t('title')}
      crumbs={[
        { label: project?.name, to: `/projects/${projectId}` },
        { label: t('models'), to: `/projects/${projectId}/models` },
      ]}
    >
      {(!project || !images) && <ListSkeleton rows={6} height={64} />}
      {project && images?.length === 0 && <Empty title={t('noImages')} advice={t('noImagesAdvice')} />}
      {project?.classes.length === 0 && <Alert color="yellow">{t('noClasses')}</Alert>}
      {project && images && images.length > 0 && (
        <TrainForm
          project={project}
          images={images}
          versionId={params.get('version')}
          startModelId={params.get('model')}
        />
      )}
    </Page>
  )
}
