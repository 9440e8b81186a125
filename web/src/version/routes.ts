import type { RouteObject } from 'react-router'

export const versionRoutes: RouteObject[] = [
  {
    path: 'versions/:versionId',
    lazy: async () => ({ Component: (await import('./VersionPage.tsx')).VersionPage }),
  },
  {
    path: 'versions/:versionId/diff/:otherId',
    lazy: async () => ({ Component: (await import('./DiffPage.tsx')).DiffPage }),
  },
  {
    path: 'merges/:mergeId',
    lazy: async () => ({ Component: (await import('./MergePage.tsx')).MergePage }),
  },
]
