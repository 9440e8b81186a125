import type { RouteObject } from 'react-router'

export const modelRoutes: RouteObject[] = [
  {
    path: 'models/compare',
    lazy: async () => ({ Component: (await import('./ComparePage.tsx')).ComparePage }),
  },
  { path: 'models/:modelId', lazy: async () => ({ Component: (await import('./ModelPage.tsx')).ModelPage }) },
]
