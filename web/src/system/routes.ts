import { Outlet, replace, type RouteObject } from 'react-router'

export const systemRoutes: RouteObject[] = [
  {
    path: 'system',
    lazy: async () => ({ Component: (await import('./SystemPage.tsx')).SystemPage }),
    children: [
      { index: true, loader: () => replace('users'), Component: Outlet },
      { path: 'users', lazy: async () => ({ Component: (await import('./UsersTab.tsx')).UsersTab }) },
      {
        path: 'executor-images',
        lazy: async () => ({ Component: (await import('./ExecutorImagesTab.tsx')).ExecutorImagesTab }),
      },
      {
        path: 'registries',
        lazy: async () => ({ Component: (await import('./RegistriesTab.tsx')).RegistriesTab }),
      },
      { path: 'slots', lazy: async () => ({ Component: (await import('./SlotsTab.tsx')).SlotsTab }) },
      { path: 'storage', lazy: async () => ({ Component: (await import('./StorageTab.tsx')).StorageTab }) },
      { path: 'health', lazy: async () => ({ Component: (await import('./HealthTab.tsx')).HealthTab }) },
    ],
  },
]
