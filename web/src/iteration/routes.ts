import type { RouteObject } from 'react-router'
import { withWords } from '../words/words.ts'

export const iterationRoutes: RouteObject[] = [
  {
    path: 'projects/:projectId/iterations/:iterationId',
    lazy: withWords(['iteration', 'job', 'plan', 'train'], async () => ({
      Component: (await import('./IterationPage.tsx')).IterationPage,
    })),
  },
]
