import type { RouteObject } from 'react-router'

export const iterationRoutes: RouteObject[] = [
  {
    path: 'projects/:projectId/iterations/:iterationId',
    lazy: async () => ({ Component: (await import('./IterationPage.tsx')).IterationPage }),
  },
]
