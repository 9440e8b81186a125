import type { RouteObject } from 'react-router'
import { withWords } from '../words/words.ts'

export const homeRoutes: RouteObject[] = [
  {
    index: true,
    lazy: withWords(['home'], async () => ({ Component: (await import('./HomePage.tsx')).HomePage })),
  },
  {
    path: 'public-datasets',
    lazy: withWords(['dataset'], async () => ({
      Component: (await import('../dataset/PublicDatasetsPage.tsx')).PublicDatasetsPage,
    })),
  },
]
