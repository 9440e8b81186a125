import { cross, dot, normalize, subtract, type Rotation, type Vector } from './vector.ts'

/** Triangles, three corners each, with a normal at each corner: flat where they agree, round where they differ. */
export interface Mesh {
  /** x, y, z of each corner */
  readonly positions: Float32Array
  /** unit vectors that point outwards, in the same order */
  readonly normals: Float32Array
}

/** Corners of a flat figure, anticlockwise. */
export type Polygon = readonly (readonly [number, number])[]

/** Collects triangles. Corners may be given in any order: the normals say which side is out. */
export class MeshBuilder {
  private readonly positions: number[] = []
  private readonly normals: number[] = []

  triangle(corners: readonly [Vector, Vector, Vector], normals: readonly [Vector, Vector, Vector]): this {
    const [a, b, c] = corners
    const facing = cross(subtract(b, a), subtract(c, a))
    const isAnticlockwise = dot(facing, normals[0]) + dot(facing, normals[1]) + dot(facing, normals[2]) >= 0
    for (const corner of isAnticlockwise ? ([0, 1, 2] as const) : ([0, 2, 1] as const)) {
      this.positions.push(...corners[corner])
      this.normals.push(...normals[corner])
    }
    return this
  }

  /** Corners in order around the quad. */
  quad(
    corners: readonly [Vector, Vector, Vector, Vector],
    normals: readonly [Vector, Vector, Vector, Vector],
  ): this {
    const [a, b, c, d] = corners
    const [p, q, r, s] = normals
    return this.triangle([a, b, c], [p, q, r]).triangle([a, c, d], [p, r, s])
  }

  /** Moves what was built so that the middle of its bounding box lies in the origin. */
  centred(): Mesh {
    const middle = [0, 1, 2].map((axis) => {
      const along = this.positions.filter((_, i) => i % 3 === axis)
      const [low, high] = along.reduce(
        ([l, h], v) => [Math.min(l!, v), Math.max(h!, v)],
        [Infinity, -Infinity],
      )
      return (low! + high!) / 2
    })
    return {
      positions: Float32Array.from(this.positions, (value, i) => value - middle[i % 3]!),
      normals: Float32Array.from(this.normals),
    }
  }
}

export function turn({ positions, normals }: Mesh, rotation: Rotation): Mesh {
  return { positions: turnAll(positions, rotation), normals: turnAll(normals, rotation) }
}

function turnAll(vectors: Float32Array, [byX, byY, byZ]: Rotation): Float32Array {
  const turned = new Float32Array(vectors.length)
  for (let i = 0; i < vectors.length; i += 3) {
    const x = vectors[i]!
    const y = vectors[i + 1]!
    const z = vectors[i + 2]!
    turned[i] = byX[0] * x + byY[0] * y + byZ[0] * z
    turned[i + 1] = byX[1] * x + byY[1] * y + byZ[1] * z
    turned[i + 2] = byX[2] * x + byY[2] * y + byZ[2] * z
  }
  return turned
}

export function move({ positions, normals }: Mesh, by: Vector): Mesh {
  const moved = new Float32Array(positions.length)
  for (let i = 0; i < positions.length; i++) moved[i] = positions[i]! + by[i % 3]!
  return { positions: moved, normals }
}

export function lowestPoint({ positions }: Mesh): number {
  let lowest = Infinity
  for (let i = 2; i < positions.length; i += 3) lowest = Math.min(lowest, positions[i]!)
  return lowest
}

/** How a flat figure lies in space: upright for a footprint, on edge for a side view. */
export type Lay = (u: number, v: number, depth: number) => Vector
export const lyingFlat: Lay = (u, v, depth) => [u, v, depth]
export const standing: Lay = (u, v, depth) => [u, -depth, v]

export interface WallOptions {
  readonly lay?: Lay
  /** one round wall instead of one with edges */
  readonly isSmooth?: boolean
  /** without the wall between the last corner and the first */
  readonly isOpen?: boolean
  readonly faces?: 'out' | 'in'
}

/** The wall that the polygon's outline sweeps from one depth to another. */
export function addWall(
  mesh: MeshBuilder,
  polygon: Polygon,
  [from, to]: readonly [number, number],
  { lay = lyingFlat, isSmooth = false, isOpen = false, faces = 'out' }: WallOptions = {},
): void {
  const sign = faces === 'out' ? 1 : -1
  const origin = lay(0, 0, 0)
  const normalAlong = (u: number, v: number) => normalize(subtract(lay(u * sign, v * sign, 0), origin))
  const [middleU, middleV] = meanOf(polygon)
  polygon.forEach(([u, v], i) => {
    if (isOpen && i === polygon.length - 1) return
    const [nextU, nextV] = polygon[(i + 1) % polygon.length]!
    const flat = normalAlong(nextV - v, u - nextU)
    const start = isSmooth ? normalAlong(u - middleU, v - middleV) : flat
    const end = isSmooth ? normalAlong(nextU - middleU, nextV - middleV) : flat
    mesh.quad(
      [lay(u, v, from), lay(nextU, nextV, from), lay(nextU, nextV, to), lay(u, v, to)],
      [start, end, end, start],
    )
  })
}

function meanOf(polygon: Polygon): readonly [number, number] {
  const sum = polygon.reduce(([sumU, sumV], [u, v]) => [sumU + u, sumV + v] as const, [0, 0] as const)
  return [sum[0] / polygon.length, sum[1] / polygon.length]
}

/** The polygon as a face. */
export function addFace(
  mesh: MeshBuilder,
  polygon: Polygon,
  depth: number,
  normal: Vector,
  lay = lyingFlat,
): void {
  for (const [a, b, c] of triangulate(polygon))
    mesh.triangle([lay(...a, depth), lay(...b, depth), lay(...c, depth)], [normal, normal, normal])
}

/** The face between a polygon and another with as many corners inside it. */
export function addRim(
  mesh: MeshBuilder,
  outer: Polygon,
  inner: Polygon,
  depth: number,
  normal: Vector,
): void {
  outer.forEach((corner, i) => {
    const next = (i + 1) % outer.length
    mesh.quad(
      [
        [...corner, depth],
        [...outer[next]!, depth],
        [...inner[next]!, depth],
        [...inner[i]!, depth],
      ],
      [normal, normal, normal, normal],
    )
  })
}

/** Each edge moved inwards by a distance that leaves all edges something of their length. */
export function inset(polygon: Polygon, distance: number): Polygon {
  const edges = polygon.map(([x, y], i) => {
    const [nextX, nextY] = polygon[(i + 1) % polygon.length]!
    const length = Math.hypot(nextX - x, nextY - y)
    const [normalX, normalY] = [(nextY - y) / length, (x - nextX) / length]
    return { normalX, normalY, offset: normalX * x + normalY * y - distance }
  })
  return edges.map((edge, i) => {
    const before = edges[(i + edges.length - 1) % edges.length]!
    const determinant = before.normalX * edge.normalY - before.normalY * edge.normalX
    return [
      (before.offset * edge.normalY - edge.offset * before.normalY) / determinant,
      (edge.offset * before.normalX - before.offset * edge.normalX) / determinant,
    ] as const
  })
}

type Triangle = readonly [Polygon[number], Polygon[number], Polygon[number]]

/** Ear clipping (Meisters 1975): a polygon with corners that point inwards, too. */
export function triangulate(polygon: Polygon): Triangle[] {
  const rest = [...polygon]
  const triangles: Triangle[] = []
  while (rest.length > 3) {
    const ear = rest.findIndex((_, i) => isEar(rest, i))
    if (ear < 0) throw new Error('the polygon crosses itself or runs clockwise')
    triangles.push(cornerAt(rest, ear))
    rest.splice(ear, 1)
  }
  return [...triangles, cornerAt(rest, 1)]
}

function cornerAt(polygon: Polygon, i: number): Triangle {
  const { length } = polygon
  return [polygon[(i + length - 1) % length]!, polygon[i]!, polygon[(i + 1) % length]!]
}

function isEar(polygon: Polygon, i: number): boolean {
  const [a, b, c] = cornerAt(polygon, i)
  if (side(a, b, c) <= 1e-12) return false
  return polygon.every(
    (p) => p === a || p === b || p === c || side(a, b, p) < 0 || side(b, c, p) < 0 || side(c, a, p) < 0,
  )
}

const side = (a: Polygon[number], b: Polygon[number], p: Polygon[number]): number =>
  (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0])
