import { Stack } from '@mantine/core'
import { ListSkeleton } from '../look/ListSkeleton.tsx'
import { useViewer } from '../session/viewer.ts'
import { Vendors } from '../vendor/Vendors.tsx'
import { GeneralSettings } from './GeneralSettings.tsx'
import { JobLimit } from './JobLimit.tsx'
import { Members } from './Members.tsx'
import { mayAs } from './may.ts'
import { useProject } from './useProject.ts'

/** What a project is called and finds, who is in it, who labels for it, how many of its jobs run at once. */
export function SettingsTab() {
  const viewer = useViewer()
  const { project } = useProject()
  if (!project) return <ListSkeleton />
  const isOwner = viewer.role === 'ADMINISTRATOR' || mayAs('OWNER', project)
  return (
    <Stack gap="xl" maw={760}>
      <GeneralSettings key={project.id} project={project} mayChange={isOwner} />
      <Members projectId={project.id} mayChange={isOwner} />
      {isOwner && <Vendors projectId={project.id} />}
      <JobLimit projectId={project.id} mayChange={viewer.role === 'ADMINISTRATOR'} />
    </Stack>
  )
}
