import type { Mesh } from './mesh.ts'
import { project, type View } from './view.ts'

export const nobody = -1

/**
 * What is seen in each pixel: whose surface, how near, turned which way. A depth buffer (Catmull 1974) over the
 * triangles of any number of meshes, drawn in any order.
 */
export class Surface {
  /** the mesh that is seen, or {@link nobody} */
  readonly owner: Int16Array
  readonly depth: Float32Array
  /** x, y, z */
  readonly normals: Float32Array
  /** the mesh that was drawn last, seen or not */
  private readonly touched: Int16Array

  constructor(
    readonly width: number,
    readonly height: number,
  ) {
    this.owner = new Int16Array(width * height)
    this.depth = new Float32Array(width * height)
    this.normals = new Float32Array(width * height * 3)
    this.touched = new Int16Array(width * height)
    this.clear()
  }

  clear(): this {
    this.owner.fill(nobody)
    this.touched.fill(nobody)
    this.depth.fill(-Infinity)
    return this
  }

  /**
   * Draws a mesh, leaving out the faces that look away.
   * @param owner a different number for each mesh
   * @returns how many pixels it would fill with nothing before it
   */
  draw(mesh: Mesh, view: View, owner: number): number {
    const projected = project(view, mesh.positions)
    let covered = 0
    for (let at = 0; at < projected.length; at += 9)
      covered += this.drawTriangle(projected, mesh.normals, at, owner)
    return covered
  }

  /** By half-planes: a pixel whose middle lies left of all three edges belongs to the triangle (Pineda 1988). */
  private drawTriangle(corners: Float32Array, normals: Float32Array, at: number, owner: number): number {
    // y runs down, so corners that are anticlockwise in space run clockwise here: b and c change places
    const ax = corners[at]!
    const ay = corners[at + 1]!
    const bx = corners[at + 6]!
    const by = corners[at + 7]!
    const cx = corners[at + 3]!
    const cy = corners[at + 4]!
    const area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
    if (!(area > 1e-9)) return 0

    const left = Math.max(0, Math.ceil(Math.min(ax, bx, cx) - 0.5))
    const right = Math.min(this.width - 1, Math.floor(Math.max(ax, bx, cx) - 0.5))
    const top = Math.max(0, Math.ceil(Math.min(ay, by, cy) - 0.5))
    const bottom = Math.min(this.height - 1, Math.floor(Math.max(ay, by, cy) - 0.5))
    const aDepth = corners[at + 2]!
    const bDepth = corners[at + 8]!
    const cDepth = corners[at + 5]!
    const { owner: owners, depth, normals: seenNormals, touched } = this
    let covered = 0
    for (let y = top; y <= bottom; y++) {
      const px = left + 0.5
      const py = y + 0.5
      const aLeft = (bx - px) * (cy - py) - (by - py) * (cx - px)
      const bLeft = (cx - px) * (ay - py) - (cy - py) * (ax - px)
      for (let x = left; x <= right; x++) {
        const a = aLeft + (x - left) * (by - cy)
        const b = bLeft + (x - left) * (cy - ay)
        const c = area - a - b
        if (a < 0 || b < 0 || c < 0) continue
        const pixel = y * this.width + x
        if (touched[pixel] !== owner) {
          touched[pixel] = owner
          covered++
        }
        const near = (a * aDepth + b * bDepth + c * cDepth) / area
        if (near <= depth[pixel]!) continue
        depth[pixel] = near
        owners[pixel] = owner
        for (let axis = 0; axis < 3; axis++) {
          const normal = a * normals[at + axis]! + b * normals[at + 6 + axis]! + c * normals[at + 3 + axis]!
          seenNormals[pixel * 3 + axis] = normal / area
        }
      }
    }
    return covered
  }
}
