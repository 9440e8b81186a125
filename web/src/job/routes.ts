import type { RouteObject } from 'react-router'

export const jobRoutes: RouteObject[] = []
