import { handles, type Handle, type Point } from './box.ts'
import { selectedIn, type Drawn, type Placed, type Sheet, type Suggestion } from './sheet.ts'
import { toWindow, type View } from './view.ts'

/** Screen pixels around a handle that still take hold of it. */
const reach = 8

/** The handle of the selected box that lies under a point of the window. */
export function handleAt(sheet: Sheet, view: View, point: Point): Handle | undefined {
  const selected = selectedIn(sheet)
  if (!selected) return undefined
  const near = handles.map((handle) => {
    const at = handlePoint(toWindow(view, selected.what.box), handle)
    return { handle, distance: Math.max(Math.abs(at.x - point.x), Math.abs(at.y - point.y)) }
  })
  const [nearest] = near.toSorted((one, other) => one.distance - other.distance)
  return nearest && nearest.distance <= reach ? nearest.handle : undefined
}

/** The smallest box or suggestion under a pixel of the image: a small one in a large one can be had. */
export function placedAt(sheet: Sheet, pixel: Point): Placed<Drawn | Suggestion> | undefined {
  return [...sheet.boxes, ...sheet.suggestions]
    .filter(({ what: { box } }) => isIn(pixel, box))
    .sort(({ what: { box: one } }, { what: { box: other } }) => area(one) - area(other))[0]
}

export function handlePoint(
  { x, y, width, height }: { x: number; y: number; width: number; height: number },
  handle: Handle,
): Point {
  const across = handle.includes('w') ? 0 : handle.includes('e') ? 1 : 0.5
  const down = handle.includes('n') ? 0 : handle.includes('s') ? 1 : 0.5
  return { x: x + across * width, y: y + down * height }
}

function isIn(point: Point, box: { x: number; y: number; width: number; height: number }): boolean {
  return point.x >= box.x && point.x <= box.x + box.width && point.y >= box.y && point.y <= box.y + box.height
}

function area({ width, height }: { width: number; height: number }): number {
  return width * height
}
