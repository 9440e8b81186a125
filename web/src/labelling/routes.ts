import type { RouteObject } from 'react-router'

export const labellingRoutes: RouteObject[] = []
