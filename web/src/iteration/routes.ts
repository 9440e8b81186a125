import type { RouteObject } from 'react-router'

export const iterationRoutes: RouteObject[] = []
