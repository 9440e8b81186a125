import type { RouteObject } from 'react-router'

export const datasetRoutes: RouteObject[] = [
  {
    path: 'datasets/:datasetId',
    lazy: async () => ({ Component: (await import('./DatasetPage.tsx')).DatasetPage }),
  },
]
