import type { RouteObject } from 'react-router'
import { withWords } from '../words/words.ts'

export const importRoutes: RouteObject[] = [
  {
    path: 'projects/:projectId/import',
    lazy: withWords(['import', 'version'], async () => ({
      Component: (await import('./ImportPage.tsx')).ImportPage,
    })),
  },
  {
    path: 'imports/:importId',
    lazy: withWords(['import', 'version'], async () => ({
      Component: (await import('./ImportProgressPage.tsx')).ImportProgressPage,
    })),
  },
]
