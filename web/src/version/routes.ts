import type { RouteObject } from 'react-router'
import { withWords } from '../words/words.ts'

export const versionRoutes: RouteObject[] = [
  {
    path: 'versions/:versionId',
    lazy: withWords(['project', 'version'], async () => ({
      Component: (await import('./VersionPage.tsx')).VersionPage,
    })),
  },
  {
    path: 'versions/:versionId/diff/:otherId',
    lazy: withWords(['project', 'version'], async () => ({
      Component: (await import('./DiffPage.tsx')).DiffPage,
    })),
  },
  {
    path: 'merges/:mergeId',
    lazy: withWords(['project', 'version'], async () => ({
      Component: (await import('./MergePage.tsx')).MergePage,
    })),
  },
]
