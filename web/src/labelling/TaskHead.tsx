import { Anchor, Breadcrumbs, Group, Stack, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'

/** The way to a page of a labelling task, and its title. */
export function TaskHead({
  task,
  title,
  here,
  children,
}: {
  task: { id: string; name: string; project: { id: string; name: string } }
  title: string
  /** The page, where it is not the task's own. */
  here?: string
  children?: ReactNode
}) {
  const { t } = useTranslation('labelling')
  return (
    <Stack gap={4}>
      <Breadcrumbs>
        <Anchor component={Link} to={`/projects/${task.project.id}`} size="sm">
          {task.project.name}
        </Anchor>
        <Anchor component={Link} to={`/projects/${task.project.id}/labelling`} size="sm">
          {t('labelling')}
        </Anchor>
        {here !== undefined && (
          <Anchor component={Link} to={`/labelling/${task.id}`} size="sm">
            {task.name}
          </Anchor>
        )}
      </Breadcrumbs>
      <Group justify="space-between">
        <Title order={1} size="h3">
          {title}
        </Title>
        {children}
      </Group>
    </Stack>
  )
}
