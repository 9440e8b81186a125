import { useMutation, useQuery } from '@apollo/client/react'
import { Badge, Button, Group } from '@mantine/core'
import { IconLock, IconTrash, IconUsers } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate, useParams } from 'react-router'
import { NotFound } from '../app/NotFound.tsx'
import { useProjectNews } from '../graph/live.ts'
import { ListSkeleton } from '../look/ListSkeleton.tsx'
import { Page } from '../look/Page.tsx'
import { Pager, usePlace } from '../look/Pager.tsx'
import { Problem } from '../look/Problem.tsx'
import { useFormats } from '../look/formats.ts'
import { mayAs } from '../project/may.ts'
import { DeleteDataset } from './DeleteDataset.tsx'
import { DatasetPageDocument, ShareDatasetDocument } from './dataset.generated.ts'
import { VersionTable } from './VersionTable.tsx'
import './dataset.css'

const pageSize = 50

/** A dataset with its versions; owners share and delete it here. */
export function DatasetPage() {
  const { t } = useTranslation('dataset')
  const { number } = useFormats()
  const { datasetId = '' } = useParams()
  const navigate = useNavigate()
  const place = usePlace()
  const { data, previousData, error, refetch } = useQuery(DatasetPageDocument, {
    variables: { id: datasetId, first: pageSize, after: place.after },
  })
  const [share, sharing] = useMutation(ShareDatasetDocument)
  const [isDeleting, setDeleting] = useState(false)
  const dataset = (data ?? previousData)?.dataset
  useProjectNews(dataset?.project.id)
  if (data?.dataset === null) return <NotFound />
  const isOwner = dataset && mayAs('OWNER', dataset.project)
  return (
    <Page
      title={dataset?.name}
      crumbs={[{ label: dataset?.project.name, to: `/projects/${dataset?.project.id}` }]}
      beside={
        dataset?.public && (
          <Badge variant="light" leftSection={<IconUsers size={12} aria-hidden />} tt="none">
            {t('public')}
          </Badge>
        )
      }
      facts={
        dataset &&
        t('versionsAndUse', {
          count: dataset.versions.totalCount,
          versions: number(dataset.versions.totalCount),
          projects: number(dataset.usedByProjects.count),
        })
      }
      actions={
        isOwner && (
          <Group gap="xs">
            <Button
              variant="default"
              loading={sharing.loading}
              leftSection={
                dataset.public ? <IconLock size={16} aria-hidden /> : <IconUsers size={16} aria-hidden />
              }
              onClick={() => void share({ variables: { datasetId, public: !dataset.public } })}
            >
              {dataset.public ? t('unshare') : t('share')}
            </Button>
            <Button
              variant="default"
              leftSection={<IconTrash size={16} aria-hidden />}
              onClick={() => setDeleting(true)}
            >
              {t('delete')}
            </Button>
          </Group>
        )
      }
    >
      <Problem error={error} retry={() => void refetch()} />
      <Problem error={sharing.error} />
      {dataset ? (
        <>
          <VersionTable dataset={dataset} onTagsChanged={() => void refetch()} />
          <Pager place={place} size={pageSize} connection={dataset.versions} />
          <DeleteDataset
            dataset={dataset}
            opened={isDeleting}
            onClose={() => setDeleting(false)}
            onDeleted={() => void navigate(`/projects/${dataset.project.id}/datasets`)}
          />
        </>
      ) : (
        !error && <ListSkeleton />
      )}
    </Page>
  )
}
