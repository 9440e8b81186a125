import { Anchor, Badge, Button, Group, Table, Text } from '@mantine/core'
import { useQuery } from '@apollo/client/react'
import { IconDatabase, IconFileImport } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { LabelCounts } from '../dataset/LabelCounts.tsx'
import { Empty } from '../look/Empty.tsx'
import { ListSkeleton } from '../look/ListSkeleton.tsx'
import { Pager, usePlace } from '../look/Pager.tsx'
import { Problem } from '../look/Problem.tsx'
import { useFormats } from '../look/formats.ts'
import { ProjectDatasetsDocument, type DatasetRowFragment } from './datasets.generated.ts'
import { mayAs } from './may.ts'
import { useProject } from './useProject.ts'

const pageSize = 50

/** The datasets of a project with their newest versions, and what one does with them most. */
export function DatasetsTab() {
  const { t } = useTranslation('project')
  const { projectId, project } = useProject()
  const place = usePlace()
  const { data, previousData, error, refetch } = useQuery(ProjectDatasetsDocument, {
    variables: { id: projectId, first: pageSize, after: place.after },
  })
  const connection = (data ?? previousData)?.project?.datasets
  if (error && !connection) return <Problem error={error} retry={() => void refetch()} />
  if (!connection) return <ListSkeleton />
  const mayTrain = mayAs('EDITOR', project)
  if (connection.totalCount === 0) return <NoDatasets projectId={projectId} mayImport={mayTrain} />
  return (
    <>
      <Table.ScrollContainer minWidth={720}>
        <Table highlightOnHover verticalSpacing="sm">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('dataset')}</Table.Th>
              <Table.Th>{t('newestVersion')}</Table.Th>
              <Table.Th ta="right">{t('images')}</Table.Th>
              <Table.Th ta="right">{t('annotations')}</Table.Th>
              <Table.Th>{t('labels')}</Table.Th>
              <Table.Th>{t('changed')}</Table.Th>
              <Table.Th>{t('operations')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {connection.edges.map(({ node }) => (
              <DatasetRow key={node.id} dataset={node} projectId={projectId} mayTrain={mayTrain} />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <Pager place={place} size={pageSize} connection={connection} />
    </>
  )
}

interface DatasetRowProps {
  readonly dataset: DatasetRowFragment
  readonly projectId: string
  readonly mayTrain: boolean
}

function DatasetRow({ dataset, projectId, mayTrain }: DatasetRowProps) {
  const { t } = useTranslation('project')
  const { number, ago, time } = useFormats()
  const { latestVersion: version } = dataset
  const changedAt = version?.createdAt ?? dataset.createdAt
  return (
    <Table.Tr>
      <Table.Td>
        <Group gap={6} wrap="nowrap">
          <Anchor component={Link} to={`/datasets/${dataset.id}`} fw={600}>
            {dataset.name}
          </Anchor>
          {dataset.public && (
            <Badge size="xs" variant="light" tt="none">
              {t('public')}
            </Badge>
          )}
        </Group>
      </Table.Td>
      <Table.Td>
        {version ? (
          <Anchor component={Link} to={`/versions/${version.id}`} size="sm">
            {t('versionMadeBy', { number: version.number, operation: t(`operation.${version.operation}`) })}
          </Anchor>
        ) : (
          <Text size="sm" c="dimmed">
            {t('noVersion')}
          </Text>
        )}
      </Table.Td>
      <Table.Td ta="right" className="figures">
        {version && number(version.assetCount)}
      </Table.Td>
      <Table.Td ta="right" className="figures">
        {version && number(version.annotationCount)}
      </Table.Td>
      <Table.Td>{version && <LabelCounts labels={version.labels} />}</Table.Td>
      <Table.Td>
        <Text size="sm" c="dimmed" title={time(changedAt)}>
          {ago(changedAt)}
        </Text>
      </Table.Td>
      <Table.Td>
        {version && (
          <Group gap={4} wrap="nowrap">
            <Button component={Link} to={`/versions/${version.id}`} size="compact-sm" variant="light">
              {t('look')}
            </Button>
            {mayTrain && (
              <Button
                component={Link}
                to={`/projects/${projectId}/train?version=${version.id}`}
                size="compact-sm"
                variant="default"
              >
                {t('train')}
              </Button>
            )}
          </Group>
        )}
      </Table.Td>
    </Table.Tr>
  )
}

function NoDatasets({ projectId, mayImport }: { projectId: string; mayImport: boolean }) {
  const { t } = useTranslation('project')
  return (
    <Empty
      title={t('noDatasets')}
      advice={mayImport ? t('noDatasetsAdvice') : t('noDatasetsForViewers')}
      icon={<IconDatabase size={36} aria-hidden />}
    >
      {mayImport && (
        <Button
          component={Link}
          to={`/projects/${projectId}/import`}
          leftSection={<IconFileImport size={18} aria-hidden />}
        >
          {t('import')}
        </Button>
      )}
    </Empty>
  )
}
