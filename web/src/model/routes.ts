import type { RouteObject } from 'react-router'
import { withWords } from '../words/words.ts'

export const modelRoutes: RouteObject[] = [
  {
    path: 'models/compare',
    lazy: withWords(['job', 'model'], async () => ({
      Component: (await import('./ComparePage.tsx')).ComparePage,
    })),
  },
  {
    path: 'models/:modelId',
    lazy: withWords(['job', 'model'], async () => ({
      Component: (await import('./ModelPage.tsx')).ModelPage,
    })),
  },
]
