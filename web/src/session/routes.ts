import type { RouteObject } from 'react-router'
import { withWords } from '../words/words.ts'

export const sessionRoutes: RouteObject[] = [
  {
    path: 'account',
    lazy: withWords(['session'], async () => ({
      Component: (await import('./AccountPage.tsx')).AccountPage,
    })),
  },
]
