import { Outlet, replace, type RouteObject } from 'react-router'

const tabs: RouteObject[] = [
  { index: true, loader: () => replace('datasets'), Component: Outlet },
  { path: 'datasets', lazy: async () => ({ Component: (await import('./DatasetsTab.tsx')).DatasetsTab }) },
  { path: 'models', lazy: async () => ({ Component: (await import('./ModelsTab.tsx')).ModelsTab }) },
  {
    path: 'iterations',
    lazy: async () => ({ Component: (await import('../iteration/IterationsTab.tsx')).IterationsTab }),
  },
  {
    path: 'labelling',
    lazy: async () => ({ Component: (await import('../labelling/LabellingTab.tsx')).LabellingTab }),
  },
  { path: 'lineage', lazy: async () => ({ Component: (await import('./LineageTab.tsx')).LineageTab }) },
  { path: 'settings', lazy: async () => ({ Component: (await import('./SettingsTab.tsx')).SettingsTab }) },
]

export const projectRoutes: RouteObject[] = [
  {
    path: 'projects/:projectId',
    lazy: async () => ({ Component: (await import('./ProjectPage.tsx')).ProjectPage }),
    children: tabs,
  },
]
