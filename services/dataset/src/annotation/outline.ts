import type { Box } from './annotation.ts'

/** What encloses polygons given as x1, y1, x2, y2, ... */
export function boxOfPolygons(polygons: readonly (readonly number[])[]): Box {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity]
  for (const polygon of polygons)
    for (let at = 0; at < polygon.length; at += 2) {
      left = Math.min(left, polygon[at]!)
      right = Math.max(right, polygon[at]!)
      top = Math.min(top, polygon[at + 1]!)
      bottom = Math.max(bottom, polygon[at + 1]!)
    }
  return { x: left, y: top, width: right - left, height: bottom - top }
}

/** Square pixels inside a polygon that does not cross itself (Gauss's shoelace formula). */
export function areaOfPolygon(polygon: readonly number[]): number {
  let twice = 0
  for (let at = 0; at < polygon.length; at += 2) {
    const next = (at + 2) % polygon.length
    twice += polygon[at]! * polygon[next + 1]! - polygon[next]! * polygon[at + 1]!
  }
  return Math.abs(twice) / 2
}
