import type { RouteObject } from 'react-router'
import { withWords } from '../words/words.ts'

export const assetRoutes: RouteObject[] = [
  {
    path: 'versions/:versionId/assets/:assetId',
    lazy: withWords(['asset', 'version'], async () => ({
      Component: (await import('./AssetPage.tsx')).AssetPage,
    })),
  },
]
