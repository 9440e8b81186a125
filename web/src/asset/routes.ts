import type { RouteObject } from 'react-router'

export const assetRoutes: RouteObject[] = [
  {
    path: 'versions/:versionId/assets/:assetId',
    lazy: async () => ({ Component: (await import('./AssetPage.tsx')).AssetPage }),
  },
]
