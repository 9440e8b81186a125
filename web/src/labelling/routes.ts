import type { RouteObject } from 'react-router'
import { withWords } from '../words/words.ts'

export const labellingRoutes: RouteObject[] = [
  {
    path: 'labelling/:taskId',
    lazy: withWords(['labelling', 'vendor'], async () => ({
      Component: (await import('./TaskPage.tsx')).TaskPage,
    })),
  },
  {
    path: 'labelling/items/:itemId',
    lazy: withWords([], async () => ({ Component: (await import('./ImageOfItem.tsx')).ImageOfItem })),
  },
  {
    path: 'labelling/:taskId/label',
    lazy: withWords(['labelling'], async () => ({ Component: (await import('./LabelPage.tsx')).LabelPage })),
  },
  {
    path: 'labelling/:taskId/review',
    lazy: withWords(['labelling'], async () => ({
      Component: (await import('./ReviewPage.tsx')).ReviewPage,
    })),
  },
]
