import type { ProjectRole } from '../graph/schema.generated.ts'
import { mayAs } from '../project/may.ts'
import { useViewer } from '../session/viewer.ts'

/** Whether the viewer may cancel, retry and move a job: editors of its project and administrators. */
export function useMayChange(job: { project: { myRole: ProjectRole | null } | null }): boolean {
  const { role } = useViewer()
  return role === 'ADMINISTRATOR' || mayAs('EDITOR', job.project)
}
