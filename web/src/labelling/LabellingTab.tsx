import { useQuery } from '@apollo/client/react'
import { Anchor, Button, Group, ScrollArea, Skeleton, Stack, Table, Text, Title } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconPencil, IconPlus } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { Link, useParams } from 'react-router'
import { Problem } from '../look/Problem.tsx'
import { NewTaskDialog } from './NewTaskDialog.tsx'
import { TaskProgress, TaskState } from './TaskProgress.tsx'
import { LabellingTasksDocument, type LabellingTaskRowFragment } from './tasks.generated.ts'

/** The labelling tasks of a project. */
export function LabellingTab() {
  const { t } = useTranslation('labelling')
  const { projectId = '' } = useParams()
  const [isAsking, dialog] = useDisclosure()
  const { data, error, refetch, fetchMore } = useQuery(LabellingTasksDocument, { variables: { projectId } })
  const project = data?.project
  if (error && !project) return <Problem error={error} retry={() => void refetch()} />
  if (!project) return <Skeleton h={200} />
  const { edges, pageInfo } = project.labellingTasks
  const mayMake = project.myRole === 'OWNER' || project.myRole === 'EDITOR'

  const more = () =>
    fetchMore({
      variables: { after: pageInfo.endCursor },
      updateQuery: (before, { fetchMoreResult: { project: next } }) => {
        if (!before.project || !next) return before
        const labellingTasks = {
          ...next.labellingTasks,
          edges: [...before.project.labellingTasks.edges, ...next.labellingTasks.edges],
        }
        return { ...before, project: { ...before.project, labellingTasks } }
      },
    })

  return (
    <Stack>
      <Group justify="space-between">
        <Title order={2} size="h4">
          {t('tasks')}
        </Title>
        {mayMake && (
          <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={dialog.open}>
            {t('newTask')}
          </Button>
        )}
      </Group>
      {edges.length === 0 ? <NoTasks /> : <Tasks tasks={edges.map(({ node }) => node)} />}
      {pageInfo.hasNextPage && (
        <Button variant="default" onClick={() => void more()}>
          {t('more')}
        </Button>
      )}
      {isAsking && <NewTaskDialog projectId={projectId} close={dialog.close} />}
    </Stack>
  )
}

function NoTasks() {
  const { t } = useTranslation('labelling')
  return (
    <Stack align="center" py="xl" gap="xs">
      <IconPencil size={32} aria-hidden opacity={0.5} />
      <Text fw={600}>{t('noTasks')}</Text>
      <Text c="dimmed" size="sm" ta="center" maw={460}>
        {t('noTasksWhy')}
      </Text>
    </Stack>
  )
}

function Tasks({ tasks }: { tasks: readonly LabellingTaskRowFragment[] }) {
  const { t, i18n } = useTranslation('labelling')
  const date = new Intl.DateTimeFormat(i18n.language, { dateStyle: 'medium' })
  return (
    <ScrollArea>
      <Table verticalSpacing="sm" miw={620}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('name')}</Table.Th>
            <Table.Th>{t('state')}</Table.Th>
            <Table.Th w="30%">{t('progress')}</Table.Th>
            <Table.Th>{t('who')}</Table.Th>
            <Table.Th>{t('made')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {tasks.map((task) => (
            <Table.Tr key={task.id}>
              <Table.Td>
                <Anchor component={Link} to={`/labelling/${task.id}`} fw={600}>
                  {task.name}
                </Anchor>
              </Table.Td>
              <Table.Td>
                <TaskState state={task.state} />
              </Table.Td>
              <Table.Td>
                <TaskProgress task={task} />
              </Table.Td>
              <Table.Td>
                <Text size="sm">{task.automaticLabeller?.name ?? task.vendor?.name ?? t('people')}</Text>
                {task.stuckSince && (
                  <Text size="xs" c="orange">
                    {t('stuckSince', { time: date.format(new Date(task.stuckSince)) })}
                  </Text>
                )}
              </Table.Td>
              <Table.Td>
                <Text size="sm">{date.format(new Date(task.createdAt))}</Text>
                <Text size="xs" c="dimmed">
                  {task.createdBy?.name ?? t('platform')}
                </Text>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </ScrollArea>
  )
}
