import type { RouteObject } from 'react-router'

export const importRoutes: RouteObject[] = [
  {
    path: 'projects/:projectId/import',
    lazy: async () => ({ Component: (await import('./ImportPage.tsx')).ImportPage }),
  },
  {
    path: 'imports/:importId',
    lazy: async () => ({ Component: (await import('./ImportProgressPage.tsx')).ImportProgressPage }),
  },
]
