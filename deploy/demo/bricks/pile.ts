import { lowestPoint, move, type Mesh } from './mesh.ts'
import { nobody, Surface } from './surface.ts'
import type { Vector } from './vector.ts'
import { plan } from './view.ts'

const cells = 72

/** The part of the table on which things lie: a square of this side around the origin, in units. */
export const tableSide = 20

/**
 * The heights of what lies on the table so far. Things are let down straight until they touch something; there is no
 * toppling, which a camera does not notice.
 */
export class Pile {
  private readonly heights = new Float32Array(cells * cells)
  private readonly above = new Surface(cells, cells)
  private readonly below = new Surface(cells, cells)

  /** @returns the height of the mesh's origin at which it touches what lies below */
  restingHeight(mesh: Mesh, [x, y]: readonly [number, number]): number {
    this.below.clear().draw(move(mesh, [x, y, 0]), plan('below', cells, tableSide), 0)
    let rest = heightOnTable(mesh)
    for (let cell = 0; cell < this.heights.length; cell++) {
      if (this.below.owner[cell] === nobody) continue
      // seen from below the underside's depth is minus its height, and left and right are swapped
      const mirrored = cell - (cell % cells) + (cells - 1 - (cell % cells))
      rest = Math.max(rest, this.heights[mirrored]! + this.below.depth[cell]!)
    }
    return rest
  }

  /**
   * @param at where the mesh's origin lies
   * @returns the mesh there
   */
  put(mesh: Mesh, at: Vector): Mesh {
    const placed = move(mesh, at)
    this.above.clear().draw(placed, plan('above', cells, tableSide), 0)
    for (let cell = 0; cell < this.heights.length; cell++)
      this.heights[cell] = Math.max(this.heights[cell]!, this.above.depth[cell]!)
    return placed
  }

  /** Mean heights: how much of the sky the neighbourhood takes from a point, roughly. */
  heightsAround(): HeightMap {
    return new HeightMap(blur(blur(this.heights)))
  }
}

/** The height of the mesh's origin when nothing lies below it. */
export const heightOnTable = (mesh: Mesh): number => -lowestPoint(mesh)

/** Heights over the table, smooth between the cells. */
export class HeightMap {
  constructor(private readonly heights: Float32Array) {}

  /** @param place x and y in units */
  around(place: Float64Array): number {
    const column = (place[0]! / tableSide + 0.5) * cells - 0.5
    const row = (0.5 - place[1]! / tableSide) * cells - 0.5
    if (!(column >= 0 && row >= 0 && column < cells - 1 && row < cells - 1)) return 0
    const [left, top] = [Math.floor(column), Math.floor(row)]
    const [u, v] = [column - left, row - top]
    const cell = top * cells + left
    const upper = this.heights[cell]! * (1 - u) + this.heights[cell + 1]! * u
    const lower = this.heights[cell + cells]! * (1 - u) + this.heights[cell + cells + 1]! * u
    return upper * (1 - v) + lower * v
  }
}

/** The mean of five by five cells; beyond the edge lies the bare table. */
function blur(heights: Float32Array): Float32Array {
  const means = new Float32Array(heights.length)
  for (let row = 2; row < cells - 2; row++) {
    for (let column = 2; column < cells - 2; column++) {
      let sum = 0
      for (let y = row - 2; y <= row + 2; y++)
        for (let x = column - 2; x <= column + 2; x++) sum += heights[y * cells + x]!
      means[row * cells + column] = sum / 25
    }
  }
  return means
}
