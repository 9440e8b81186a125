import type { RouteObject } from 'react-router'
import { withWords } from '../words/words.ts'

export const datasetRoutes: RouteObject[] = [
  {
    path: 'datasets/:datasetId',
    lazy: withWords(['dataset', 'project'], async () => ({
      Component: (await import('./DatasetPage.tsx')).DatasetPage,
    })),
  },
]
