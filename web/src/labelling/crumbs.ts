import type { Crumb } from '../look/Page.tsx'

/** The way to a labelling task. */
export function crumbsToTask(
  { project }: { readonly project: { readonly id: string; readonly name: string } },
  labelling: string,
): Crumb[] {
  return [
    { label: project.name, to: `/projects/${project.id}` },
    { label: labelling, to: `/projects/${project.id}/labelling` },
  ]
}

/** The way to a page below a labelling task. */
export function crumbsBelowTask(
  task: { readonly id: string; readonly name: string; readonly project: { id: string; name: string } },
  labelling: string,
): Crumb[] {
  return [...crumbsToTask(task, labelling), { label: task.name, to: `/labelling/${task.id}` }]
}
