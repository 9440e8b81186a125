import { Anchor, Table, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { useFormats } from '../look/formats.ts'
import { LabelCounts } from './LabelCounts.tsx'
import type { PublicDatasetFragment } from './public-datasets.generated.ts'

/** Datasets that everyone may use, with the size of their newest versions. */
export function PublicDatasetTable({ datasets }: { datasets: readonly PublicDatasetFragment[] }) {
  const { t } = useTranslation('dataset')
  const { number, ago, time } = useFormats()
  return (
    <Table.ScrollContainer minWidth={640}>
      <Table highlightOnHover verticalSpacing="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('dataset')}</Table.Th>
            <Table.Th>{t('project')}</Table.Th>
            <Table.Th ta="right">{t('images')}</Table.Th>
            <Table.Th ta="right">{t('annotations')}</Table.Th>
            <Table.Th>{t('labels')}</Table.Th>
            <Table.Th>{t('changed')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {datasets.map(({ id, name, project, latestVersion }) => (
            <Table.Tr key={id}>
              <Table.Td>
                <Anchor component={Link} to={`/datasets/${id}`} fw={600}>
                  {name}
                </Anchor>
              </Table.Td>
              <Table.Td>{project.name}</Table.Td>
              <Table.Td ta="right" className="figures">
                {latestVersion && number(latestVersion.assetCount)}
              </Table.Td>
              <Table.Td ta="right" className="figures">
                {latestVersion && number(latestVersion.annotationCount)}
              </Table.Td>
              <Table.Td>{latestVersion && <LabelCounts labels={latestVersion.labels} />}</Table.Td>
              <Table.Td>
                {latestVersion && (
                  <Text size="sm" c="dimmed" title={time(latestVersion.createdAt)}>
                    {ago(latestVersion.createdAt)}
                  </Text>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}
