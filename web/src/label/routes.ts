import type { RouteObject } from 'react-router'

export const labelRoutes: RouteObject[] = [
  { path: 'labels', lazy: async () => ({ Component: (await import('./LabelsPage.tsx')).LabelsPage }) },
]
