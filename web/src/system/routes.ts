import { Outlet, replace, type RouteObject } from 'react-router'
import { withWords } from '../words/words.ts'

export const systemRoutes: RouteObject[] = [
  {
    path: 'system',
    lazy: withWords(['system'], async () => ({ Component: (await import('./SystemPage.tsx')).SystemPage })),
    children: [
      { index: true, loader: () => replace('users'), Component: Outlet },
      {
        path: 'users',
        lazy: withWords(['system'], async () => ({ Component: (await import('./UsersTab.tsx')).UsersTab })),
      },
      {
        path: 'executor-images',
        lazy: withWords(['system'], async () => ({
          Component: (await import('./ExecutorImagesTab.tsx')).ExecutorImagesTab,
        })),
      },
      {
        path: 'registries',
        lazy: withWords(['system'], async () => ({
          Component: (await import('./RegistriesTab.tsx')).RegistriesTab,
        })),
      },
      {
        path: 'slots',
        lazy: withWords(['system'], async () => ({ Component: (await import('./SlotsTab.tsx')).SlotsTab })),
      },
      {
        path: 'storage',
        lazy: withWords(['system'], async () => ({
          Component: (await import('./StorageTab.tsx')).StorageTab,
        })),
      },
      {
        path: 'health',
        lazy: withWords(['system'], async () => ({ Component: (await import('./HealthTab.tsx')).HealthTab })),
      },
    ],
  },
]
