import type { RouteObject } from 'react-router'
import { withWords } from '../words/words.ts'

export const trainRoutes: RouteObject[] = [
  {
    path: 'projects/:projectId/train',
    lazy: withWords(['job', 'train'], async () => ({
      Component: (await import('./TrainPage.tsx')).TrainPage,
    })),
  },
]
