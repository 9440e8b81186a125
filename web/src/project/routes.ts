import { Outlet, replace, type RouteObject } from 'react-router'
import { withWords } from '../words/words.ts'

const tabs: RouteObject[] = [
  { index: true, loader: () => replace('datasets'), Component: Outlet },
  {
    path: 'datasets',
    lazy: withWords(['dataset', 'project'], async () => ({
      Component: (await import('./DatasetsTab.tsx')).DatasetsTab,
    })),
  },
  {
    path: 'models',
    lazy: withWords(['project'], async () => ({ Component: (await import('./ModelsTab.tsx')).ModelsTab })),
  },
  {
    path: 'iterations',
    lazy: withWords(['iteration', 'plan', 'train'], async () => ({
      Component: (await import('../iteration/IterationsTab.tsx')).IterationsTab,
    })),
  },
  {
    path: 'labelling',
    lazy: withWords(['labelling', 'version'], async () => ({
      Component: (await import('../labelling/LabellingTab.tsx')).LabellingTab,
    })),
  },
  {
    path: 'lineage',
    lazy: withWords(['project'], async () => ({ Component: (await import('./LineageTab.tsx')).LineageTab })),
  },
  {
    path: 'settings',
    lazy: withWords(['label', 'project', 'vendor'], async () => ({
      Component: (await import('./SettingsTab.tsx')).SettingsTab,
    })),
  },
]

export const projectRoutes: RouteObject[] = [
  {
    path: 'projects/:projectId',
    lazy: withWords(['project'], async () => ({
      Component: (await import('./ProjectPage.tsx')).ProjectPage,
    })),
    children: tabs,
  },
]
