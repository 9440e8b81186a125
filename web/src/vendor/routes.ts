import type { RouteObject } from 'react-router'
import { withWords } from '../words/words.ts'

export const vendorRoutes: RouteObject[] = [
  {
    path: 'vendors/:vendorId',
    lazy: withWords(['project', 'vendor'], async () => ({
      Component: (await import('./VendorPage.tsx')).VendorPage,
    })),
  },
]
