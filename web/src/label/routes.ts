import type { RouteObject } from 'react-router'
import { withWords } from '../words/words.ts'

export const labelRoutes: RouteObject[] = [
  {
    path: 'labels',
    lazy: withWords(['label'], async () => ({ Component: (await import('./LabelsPage.tsx')).LabelsPage })),
  },
]
