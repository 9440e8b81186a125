import { Outlet, replace, type RouteObject } from 'react-router'
import { otherTabs } from './other-tabs.ts'

const tabs: RouteObject[] = [
  { index: true, loader: () => replace('datasets'), Component: Outlet },
  { path: 'datasets', lazy: async () => ({ Component: (await import('./DatasetsTab.tsx')).DatasetsTab }) },
  { path: 'models', lazy: async () => ({ Component: (await import('./ModelsTab.tsx')).ModelsTab }) },
  { path: 'lineage', lazy: async () => ({ Component: (await import('./LineageTab.tsx')).LineageTab }) },
  { path: 'settings', lazy: async () => ({ Component: (await import('./SettingsTab.tsx')).SettingsTab }) },
]

if (otherTabs.iterations)
  tabs.push({
    path: 'iterations',
    lazy: async () => ({ Component: (await otherTabs.iterations!()).IterationsTab }),
  })
if (otherTabs.labelling)
  tabs.push({
    path: 'labelling',
    lazy: async () => ({ Component: (await otherTabs.labelling!()).LabellingTab }),
  })

export const projectRoutes: RouteObject[] = [
  {
    path: 'projects/:projectId',
    lazy: async () => ({ Component: (await import('./ProjectPage.tsx')).ProjectPage }),
    children: tabs,
  },
]
