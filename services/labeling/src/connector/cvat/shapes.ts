import type { Annotation } from '../../item/annotation.ts'
import { degreesOf, turnOfDegrees } from '../../item/rotation.ts'
import { rounded } from '../rectangle.ts'
import type { StartingBox } from '../start.ts'
import type { Drawn } from './shape.ts'

/** A box as a shape (docs.cvat.ai, LabeledShapeRequest): corners in pixels, turned about its middle. What is cut off or hidden is `occluded`. */
export function shapeOf(
  { box, rotation = 0, truncated, score }: StartingBox,
  frame: number,
  labelId: number,
): object {
  return {
    ...{ type: 'rectangle', frame, label_id: labelId, z_order: 0, occluded: truncated },
    rotation: degreesOf(rotation),
    points: [box.x, box.y, box.x + box.width, box.y + box.height],
    ...(score === null ? { source: 'manual' } : { source: 'auto', score }),
    attributes: [],
  }
}

/** What a shape says. @throws Error that says in words what cannot be taken */
export function readShape(
  { type, points, rotation: degrees, label_id, occluded }: Drawn,
  labels: ReadonlyMap<number, string>,
): Annotation {
  if (type !== 'rectangle') throw new Error(`a shape is a ${type}: only rectangles can be taken`)
  if (points?.length !== 4) throw new Error('a rectangle has no two corners')
  const [x1, y1, x2, y2] = points as [number, number, number, number] // four, as seen above
  const corners = {
    x: Math.min(x1, x2),
    y: Math.min(y1, y2),
    width: Math.abs(x2 - x1),
    height: Math.abs(y2 - y1),
  }
  const rotation = turnOfDegrees(degrees)
  return {
    label: labels.get(label_id) ?? `label ${label_id} of CVAT`,
    box: rounded(corners),
    ...(rotation === undefined ? {} : { rotation }),
    ...{ difficult: false, truncated: occluded, crowd: false },
  }
}
