import type { RouteObject } from 'react-router'
import { withWords } from '../words/words.ts'

export const jobRoutes: RouteObject[] = [
  {
    path: 'jobs',
    lazy: withWords(['job'], async () => ({ Component: (await import('./JobsPage.tsx')).JobsPage })),
  },
  {
    path: 'jobs/:jobId',
    lazy: withWords(['job'], async () => ({ Component: (await import('./JobPage.tsx')).JobPage })),
  },
]
