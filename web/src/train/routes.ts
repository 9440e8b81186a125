import type { RouteObject } from 'react-router'

export const trainRoutes: RouteObject[] = []
