import { Alert, Skeleton, Stack, Text } from '@mantine/core'
import { useQuery } from '@apollo/client/react'
import { IconBinaryTree } from '@tabler/icons-react'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { Empty } from '../look/Empty.tsx'
import { Problem } from '../look/Problem.tsx'
import { ProjectLineageDocument } from './lineage.generated.ts'
import { joined } from './lineage.ts'
import { LineageGraph } from './LineageGraph.tsx'
import { LineageList } from './LineageList.tsx'
import { useProject } from './useProject.ts'

/** How everything in a project came to be: as a graph, and the same as a list. */
export function LineageTab() {
  const { t } = useTranslation('project')
  const { projectId } = useProject()
  const { data, error, refetch } = useQuery(ProjectLineageDocument, { variables: { id: projectId } })
  const datasets = data?.project?.datasets
  const lineage = useMemo(
    () =>
      datasets &&
      joined(datasets.edges.flatMap(({ node }) => (node.latestVersion ? [node.latestVersion.lineage] : []))),
    [datasets],
  )
  if (error && !lineage) return <Problem error={error} retry={() => void refetch()} />
  if (!lineage) return <Skeleton h={480} role="status" aria-label={t('lineage')} />
  if (lineage.things.length === 0)
    return (
      <Empty
        title={t('noLineage')}
        advice={t('noLineageAdvice')}
        icon={<IconBinaryTree size={36} aria-hidden />}
      />
    )
  const isWhole = lineage.isComplete && datasets!.totalCount <= datasets!.edges.length
  return (
    <Stack gap="sm">
      {!isWhole && <Alert variant="light">{t('lineagePart')}</Alert>}
      <Text size="sm" c="dimmed">
        {t('lineageAdvice')}
      </Text>
      <LineageGraph lineage={lineage} />
      <LineageList lineage={lineage} />
    </Stack>
  )
}
