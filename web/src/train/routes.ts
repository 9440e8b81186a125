import type { RouteObject } from 'react-router'

export const trainRoutes: RouteObject[] = [
  {
    path: 'projects/:projectId/train',
    lazy: async () => ({ Component: (await import('./TrainPage.tsx')).TrainPage }),
  },
]
