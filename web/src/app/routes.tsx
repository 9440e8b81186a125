import { createBrowserRouter, type RouteObject } from 'react-router'
import { Broken } from './Broken.tsx'
import { FirstSkeleton, Frame } from './Frame.tsx'
import { NotFound } from './NotFound.tsx'
import { homeRoutes } from '../home/routes.ts'
import { projectRoutes } from '../project/routes.ts'
import { assetRoutes } from '../asset/routes.ts'
import { datasetRoutes } from '../dataset/routes.ts'
import { versionRoutes } from '../version/routes.ts'
import { importRoutes } from '../import/routes.ts'
import { trainRoutes } from '../train/routes.ts'
import { modelRoutes } from '../model/routes.ts'
import { iterationRoutes } from '../iteration/routes.ts'
import { labellingRoutes } from '../labelling/routes.ts'
import { vendorRoutes } from '../vendor/routes.ts'
import { jobRoutes } from '../job/routes.ts'
import { labelRoutes } from '../label/routes.ts'
import { sessionRoutes } from '../session/routes.ts'
import { systemRoutes } from '../system/routes.ts'

/** Each folder names its own pages; each page is loaded when it is opened. */
const pages: RouteObject[] = [
  ...homeRoutes,
  ...projectRoutes,
  ...datasetRoutes,
  ...versionRoutes,
  ...assetRoutes,
  ...importRoutes,
  ...trainRoutes,
  ...modelRoutes,
  ...iterationRoutes,
  ...labellingRoutes,
  ...vendorRoutes,
  ...jobRoutes,
  ...labelRoutes,
  ...sessionRoutes,
  ...systemRoutes,
]

export const router = createBrowserRouter([
  {
    path: '/',
    Component: Frame,
    HydrateFallback: FirstSkeleton,
    ErrorBoundary: Broken,
    children: [
      // inside the frame, so that one broken page leaves the way to the others
      { ErrorBoundary: Broken, children: [...pages, { path: '*', Component: NotFound }] },
    ],
  },
])
