import type { ImageSize } from '@ymir/detection'
import type { Annotation } from '../../item/annotation.ts'
import { around } from '../rectangle.ts'
import type { StartingBox } from '../start.ts'
import type { Drawn } from './shape.ts'

/** A box as a shape (docs.cvat.ai, LabeledShapeRequest): corners in pixels. What is cut off or hidden is `occluded`. */
export function shapeOf({ box, truncated, score }: StartingBox, frame: number, labelId: number): object {
  return {
    ...{ type: 'rectangle', frame, label_id: labelId, rotation: 0, z_order: 0, occluded: truncated },
    points: [box.x, box.y, box.x + box.width, box.y + box.height],
    ...(score === null ? { source: 'manual' } : { source: 'auto', score }),
    attributes: [],
  }
}

/** What a shape says. @throws Error that says in words what cannot be taken */
export function readShape(
  { type, points, rotation, label_id, occluded }: Drawn,
  size: ImageSize,
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
  const centre = { x: (x1 + x2) / 2, y: (y1 + y2) / 2 }
  return {
    label: labels.get(label_id) ?? `label ${label_id} of CVAT`,
    box: around(corners, rotation, centre, size),
    ...{ difficult: false, truncated: occluded, crowd: false },
  }
}
