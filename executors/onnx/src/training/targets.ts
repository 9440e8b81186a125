/** What the heads should say about an image (TTFNet: elliptic Gaussians, box weights that fall off from the centre). */
import type { BoxXyxy } from '@ymir/detection'
import { STRIDE } from '../detector/network.ts'

export interface TargetObject {
  readonly classIndex: number
  /** in pixels of the canvas, within it */
  readonly box: BoxXyxy
}

/** The targets of one image, parts of the batch's arrays. */
export interface Targets {
  readonly columns: number
  readonly rows: number
  /** [rows, columns]: 1 at centres, falling off around them */
  readonly heat: Float32Array
  /** [classes, rows, columns]: 1 for the class of the object at a place */
  readonly classes: Float32Array
  /** [4, rows, columns]: distances to left, top, right, bottom in cells, 1 where there is no object */
  readonly sides: Float32Array
  /** [rows, columns], summing to 1 over each object */
  readonly objectWeight: Float32Array
}

/** Share of a box that its Gaussian covers (TTFNet, alpha 0.54), three deviations to each side. */
const COVERED_SHARE = 0.54
/** in cells: the smallest objects still have neighbours */
const LEAST_DEVIATION = 0.35
/** Cells with less heat learn neither class nor sides. */
const LEAST_HEAT_OF_OBJECT = 0.05

export function writeTargets(objects: readonly TargetObject[], targets: Targets): void {
  targets.heat.fill(0)
  targets.classes.fill(0)
  targets.sides.fill(1)
  targets.objectWeight.fill(0)
  // where objects overlap, the smaller is learnt
  for (const object of objects.toSorted((a, b) => area(b) - area(a))) writeObject(object, targets)
}

function writeObject(
  { box, classIndex }: TargetObject,
  { columns, rows, heat, classes, sides, objectWeight }: Targets,
): void {
  const [left, top, right, bottom] = [box.xmin, box.ymin, box.xmax, box.ymax].map(
    (edge) => edge / STRIDE,
  ) as [
    number,
    number,
    number,
    number, // four edges
  ]
  const centreColumn = Math.min(columns - 1, Math.floor((left + right) / 2))
  const centreRow = Math.min(rows - 1, Math.floor((top + bottom) / 2))
  const deviationX = Math.max((COVERED_SHARE * (right - left)) / 6, LEAST_DEVIATION)
  const deviationY = Math.max((COVERED_SHARE * (bottom - top)) / 6, LEAST_DEVIATION)
  const [reachX, reachY] = [Math.ceil(3 * deviationX), Math.ceil(3 * deviationY)]
  const cells = columns * rows
  const claimed: { cell: number; value: number }[] = []
  let sum = 0
  for (let row = Math.max(0, centreRow - reachY); row <= Math.min(rows - 1, centreRow + reachY); row++) {
    for (
      let column = Math.max(0, centreColumn - reachX);
      column <= Math.min(columns - 1, centreColumn + reachX);
      column++
    ) {
      const exponent = ((column - centreColumn) / deviationX) ** 2 + ((row - centreRow) / deviationY) ** 2
      const value = Math.exp(-exponent / 2)
      const cell = row * columns + column
      if (value > (heat[cell] ?? 0)) heat[cell] = value
      const distances = [column + 0.5 - left, row + 0.5 - top, right - column - 0.5, bottom - row - 0.5]
      if (value < LEAST_HEAT_OF_OBJECT || distances.some((distance) => distance <= 0)) continue
      distances.forEach((distance, side) => (sides[side * cells + cell] = distance))
      for (let place = cell; place < classes.length; place += cells) classes[place] = 0
      classes[classIndex * cells + cell] = 1
      claimed.push({ cell, value })
      sum += value
    }
  }
  for (const { cell, value } of claimed) objectWeight[cell] = value / sum
}

const area = ({ box }: TargetObject): number => (box.xmax - box.xmin) * (box.ymax - box.ymin)
