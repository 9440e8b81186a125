/** The shapes of the bricks, after the usual measures: 8 mm from stud to stud, bricks 9.6 mm and plates 3.2 mm high. */
import type { Kind } from './kinds.ts'
import {
  addFace,
  addRim,
  addWall,
  inset,
  MeshBuilder,
  standing,
  type Mesh,
  type Polygon,
  type WallOptions,
} from './mesh.ts'
import type { Vector } from './vector.ts'

const brickHeight = 1.2
const plateHeight = 0.4
const wallThickness = 0.18
const stud = { radius: 0.3, height: 0.22, sides: 14 }
const tube = { radius: 0.4, sides: 12 }
const up: Vector = [0, 0, 1]
const down: Vector = [0, 0, -1]

type Place = readonly [x: number, y: number]

export const partOf: Record<Kind, () => Mesh> = {
  'brick-2x4': () => block(4, 2, brickHeight),
  'brick-2x3': () => block(3, 2, brickHeight),
  'brick-2x2': () => block(2, 2, brickHeight),
  'brick-1x4': () => block(4, 1, brickHeight),
  'plate-2x4': () => block(4, 2, plateHeight),
  'plate-2x3': () => block(3, 2, plateHeight),
  'plate-1x4': () => block(4, 1, plateHeight),
  'tile-2x4': () => upright(rectangle(4, 2), plateHeight, [], tubesOf(4, 2)),
  'slope-2x2': slope,
  'round-2x2': round,
  'corner-2x2': corner,
  'arch-1x4': arch,
  'cone-2x2': cone,
  'wedge-2x4': wedge,
}

export function circle(radius: number, sides: number): Polygon {
  return Array.from({ length: sides }, (_, i) => {
    const angle = (2 * Math.PI * i) / sides
    return [radius * Math.cos(angle), radius * Math.sin(angle)] as const
  })
}

function rectangle(length: number, width: number): Polygon {
  const [x, y] = [length / 2, width / 2]
  return [
    [-x, -y],
    [x, -y],
    [x, y],
    [-x, y],
  ]
}

/** The middles of the squares of a grid around the origin. */
function grid(columns: number, rows: number): Place[] {
  return Array.from({ length: columns * rows }, (_, i) => [
    (i % columns) - (columns - 1) / 2,
    Math.floor(i / columns) - (rows - 1) / 2,
  ])
}

/** Under a brick of two rows, a tube stands between each four studs. */
const tubesOf = (columns: number, rows: number): Place[] => (rows === 2 ? grid(columns - 1, 1) : [])

function block(columns: number, rows: number, height: number): Mesh {
  return upright(rectangle(columns, rows), height, grid(columns, rows), tubesOf(columns, rows))
}

function upright(footprint: Polygon, height: number, studs: readonly Place[], tubes: readonly Place[]): Mesh {
  const mesh = new MeshBuilder()
  addWall(mesh, footprint, [0, height])
  addFace(mesh, footprint, height, up)
  addHollow(mesh, footprint, height - wallThickness, tubes)
  addStuds(mesh, studs, height)
  return mesh.centred()
}

function round(): Mesh {
  const mesh = new MeshBuilder()
  const footprint = circle(1, 24)
  addWall(mesh, footprint, [0, brickHeight], { isSmooth: true })
  addFace(mesh, footprint, brickHeight, up)
  addHollow(mesh, footprint, brickHeight - wallThickness, [[0, 0]])
  addStuds(mesh, grid(2, 2), brickHeight)
  return mesh.centred()
}

function cone(): Mesh {
  const mesh = new MeshBuilder()
  const [bottom, top] = [circle(1, 24), circle(0.5, 24)]
  const foot = 0.25
  addWall(mesh, bottom, [0, foot], { isSmooth: true })
  const rise = (1 - 0.5) / (brickHeight - foot)
  bottom.forEach((corner, i) => {
    const next = (i + 1) % bottom.length
    const normalAt = ([x, y]: Place): Vector => {
      const length = Math.hypot(1, rise)
      return [x / length, y / length, rise / length]
    }
    const [start, end] = [normalAt(corner), normalAt(bottom[next]!)]
    mesh.quad(
      [
        [...corner, foot],
        [...bottom[next]!, foot],
        [...top[next]!, brickHeight],
        [...top[i]!, brickHeight],
      ],
      [start, end, end, start],
    )
  })
  addFace(mesh, top, brickHeight, up)
  addHollow(mesh, bottom, foot, [[0, 0]])
  addStuds(mesh, [[0, 0]], brickHeight)
  return mesh.centred()
}

function corner(): Mesh {
  const footprint: Polygon = [
    [-1, -1],
    [1, -1],
    [1, 0],
    [0, 0],
    [0, 1],
    [-1, 1],
  ]
  const studs = grid(2, 2).filter(([x, y]) => x < 0 || y < 0)
  return upright(footprint, brickHeight, studs, [])
}

/** Narrow at one end, seen from above. */
function wedge(): Mesh {
  const footprint: Polygon = [
    [-2, -1],
    [0, -1],
    [2, -0.4],
    [2, 0.4],
    [0, 1],
    [-2, 1],
  ]
  const studs: Place[] = [...grid(4, 2).filter(([x]) => x < 1), [1.5, 0]]
  return upright(footprint, brickHeight, studs, [[-1, 0]])
}

function slope(): Mesh {
  const profile: Polygon = [
    [1, 0],
    [1, 0.2],
    [0, brickHeight],
    [-1, brickHeight],
    [-1, 0],
  ]
  const mesh = new MeshBuilder()
  addOnEdge(mesh, profile, 2, { isOpen: true }) // below lies the hollow
  addHollow(mesh, rectangle(2, 2), 0.2, [[0, 0]])
  addStuds(
    mesh,
    grid(2, 2).filter(([x]) => x < 0),
    brickHeight,
  )
  return mesh.centred()
}

function arch(): Mesh {
  const opening = circle(1, 20)
    .slice(0, 11)
    .reverse()
    .map(([x, y]) => [x, y * 0.85] as const)
  const profile: Polygon = [[-2, 0], ...opening, [2, 0], [2, brickHeight], [-2, brickHeight]]
  const mesh = new MeshBuilder()
  addOnEdge(mesh, profile, 1)
  addStuds(mesh, grid(4, 1), brickHeight)
  return mesh.centred()
}

/** A side view with a thickness. */
function addOnEdge(mesh: MeshBuilder, profile: Polygon, thickness: number, options: WallOptions = {}): void {
  addWall(mesh, profile, [-thickness / 2, thickness / 2], { ...options, lay: standing })
  addFace(mesh, profile, -thickness / 2, [0, 1, 0], standing)
  addFace(mesh, profile, thickness / 2, [0, -1, 0], standing)
}

/** The underside: a rim, walls inside, and the tubes that hold the studs of the next brick. */
function addHollow(mesh: MeshBuilder, footprint: Polygon, depth: number, tubes: readonly Place[]): void {
  const inner = inset(footprint, wallThickness)
  addRim(mesh, footprint, inner, 0, down)
  addWall(mesh, inner, [0, depth], { faces: 'in' })
  addFace(mesh, inner, depth, down)
  for (const place of tubes) {
    const outer = moved(circle(tube.radius, tube.sides), place)
    const hole = moved(circle(stud.radius, tube.sides), place)
    addWall(mesh, outer, [0, depth])
    addWall(mesh, hole, [0, depth], { faces: 'in' })
    addRim(mesh, outer, hole, 0, down)
  }
}

function addStuds(mesh: MeshBuilder, places: readonly Place[], height: number): void {
  for (const place of places) {
    const outline = moved(circle(stud.radius, stud.sides), place)
    const top = height + stud.height
    addWall(mesh, outline, [height, top], { isSmooth: true })
    addFace(mesh, outline, top, up)
  }
}

function moved(polygon: Polygon, [x, y]: Place): Polygon {
  return polygon.map(([u, v]) => [u + x, v + y] as const)
}
