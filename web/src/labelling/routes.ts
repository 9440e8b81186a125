import type { RouteObject } from 'react-router'

export const labellingRoutes: RouteObject[] = [
  { path: 'labelling/:taskId', lazy: async () => ({ Component: (await import('./TaskPage.tsx')).TaskPage }) },
  {
    path: 'labelling/:taskId/label',
    lazy: async () => ({ Component: (await import('./LabelPage.tsx')).LabelPage }),
  },
  {
    path: 'labelling/:taskId/review',
    lazy: async () => ({ Component: (await import('./ReviewPage.tsx')).ReviewPage }),
  },
]
