import { Badge, Button, Group, Text } from '@mantine/core'
import {
  IconBinaryTree,
  IconBox,
  IconDatabase,
  IconFileImport,
  IconRepeat,
  IconSettings,
  IconTag,
} from '@tabler/icons-react'
import { Suspense } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, Outlet } from 'react-router'
import { NotFound } from '../app/NotFound.tsx'
import { FirstSkeleton } from '../app/Frame.tsx'
import { useProjectNews } from '../graph/live.ts'
import { Page } from '../look/Page.tsx'
import { Problem } from '../look/Problem.tsx'
import { Tabs, type Tab } from '../look/Tabs.tsx'
import { useViewer } from '../session/viewer.ts'
import { mayAs } from './may.ts'
import { useProject } from './useProject.ts'

/** A project: its name and classes, and a tab for each of its words. What happens in it is seen at once. */
export function ProjectPage() {
  const { t } = useTranslation('project')
  const viewer = useViewer()
  const { projectId, project, isMissing, error, refetch } = useProject()
  useProjectNews(project ? projectId : undefined)
  if (isMissing) return <NotFound />
  return (
    <Page
      title={project?.name}
      crumbs={[]}
      facts={project && <Facts classes={project.classes} description={project.description} />}
      actions={
        mayAs('EDITOR', project) && (
          <Button
            component={Link}
            to={`/projects/${projectId}/import`}
            leftSection={<IconFileImport size={18} />}
          >
            {t('import')}
          </Button>
        )
      }
    >
      <Problem error={error} retry={() => void refetch()} />
      <ProjectTabs />
      <Suspense fallback={<FirstSkeleton />}>
        <Outlet context={viewer} />
      </Suspense>
    </Page>
  )
}

function Facts({ classes, description }: { classes: readonly string[]; description: string }) {
  const { t } = useTranslation('project')
  return (
    <>
      {description && <Text size="sm">{description}</Text>}
      <Group gap={4} mt={4} component="ul" className="plain-list" aria-label={t('classes')}>
        {classes.map((name) => (
          <Badge key={name} component="li" variant="default" tt="none" fw={500}>
            {name}
          </Badge>
        ))}
      </Group>
    </>
  )
}

function ProjectTabs() {
  const { t } = useTranslation('project')
  const tabs: Tab[] = [
    { to: 'datasets', label: t('datasets'), icon: <IconDatabase size={16} aria-hidden /> },
    { to: 'models', label: t('models'), icon: <IconBox size={16} aria-hidden /> },
    { to: 'iterations', label: t('iterations'), icon: <IconRepeat size={16} aria-hidden /> },
    { to: 'labelling', label: t('labelling'), icon: <IconTag size={16} aria-hidden /> },
    { to: 'lineage', label: t('lineage'), icon: <IconBinaryTree size={16} aria-hidden /> },
    { to: 'settings', label: t('settings'), icon: <IconSettings size={16} aria-hidden /> },
  ]
  return <Tabs label={t('tabs')} tabs={tabs} />
}
