/** Things on the table that are no bricks, so that neither colour nor roundness nor an edge alone tells a brick. */
import { between, pickWeighted, wholeBetween, type Random } from './chance.ts'
import { anyColour, anyMoulded, fromHsv, type Colour } from './colour.ts'
import { addFace, addWall, MeshBuilder, type Mesh, type Polygon } from './mesh.ts'
import { circle } from './parts.ts'
import { add, cross, normalize, rotate, scale, subtract, type Vector } from './vector.ts'
import { rotationAround } from './vector.ts'

export interface Clutter {
  readonly mesh: Mesh
  readonly colour: Colour
  /** 0..1, of light that it throws back as a mirror does */
  readonly gloss: number
}

const sorts: readonly { readonly weight: number; readonly make: (random: Random) => Clutter }[] = [
  { weight: 3, make: ball },
  { weight: 3, make: stick },
  { weight: 3, make: paperClip },
  { weight: 4, make: paper },
  { weight: 2, make: coin },
  { weight: 3, make: woodenBlock },
]

export const anyClutter = (random: Random): Clutter =>
  pickWeighted(random, sorts, ({ weight }) => weight).make(random)

function ball(random: Random): Clutter {
  const radius = between(random, 0.35, 1.1)
  const [rings, sectors] = [10, 16]
  const mesh = new MeshBuilder()
  const normalAt = (ring: number, sector: number): Vector => {
    const [polar, azimuth] = [(Math.PI * ring) / rings, (2 * Math.PI * sector) / sectors]
    return [Math.sin(polar) * Math.cos(azimuth), Math.sin(polar) * Math.sin(azimuth), Math.cos(polar)]
  }
  for (let ring = 0; ring < rings; ring++) {
    for (let sector = 0; sector < sectors; sector++) {
      const [a, b] = [normalAt(ring, sector), normalAt(ring + 1, sector)]
      const [c, d] = [normalAt(ring + 1, sector + 1), normalAt(ring, sector + 1)]
      mesh.quad([scale(a, radius), scale(b, radius), scale(c, radius), scale(d, radius)], [a, b, c, d])
    }
  }
  return { mesh: mesh.centred(), colour: anyMoulded(random), gloss: between(random, 0.05, 0.5) }
}

/** A match, a straw or a pencil. */
function stick(random: Random): Clutter {
  const length = between(random, 3, 9)
  const radius = between(random, 0.08, 0.3)
  const isRound = random() < 0.5
  const mesh = new MeshBuilder()
  addTube(mesh, [[-length / 2, 0, 0], [length / 2, 0, 0]], radius, isRound ? 10 : 6) // prettier-ignore
  const wood = fromHsv(between(random, 0.06, 0.12), between(random, 0.3, 0.6), between(random, 0.5, 0.9))
  return { mesh: mesh.centred(), colour: random() < 0.5 ? wood : anyColour(random), gloss: 0.1 }
}

function paperClip(random: Random): Clutter {
  const size = between(random, 0.8, 1.4)
  const bend = (x: number, y: number, radius: number, from: number): Vector[] =>
    Array.from({ length: 7 }, (_, i) => {
      const angle = from + (Math.PI * i) / 6
      return [(x + radius * Math.cos(angle)) * size, (y + radius * Math.sin(angle)) * size, 0]
    })
  const path = [
    [-0.8 * size, 0.42 * size, 0] as const,
    ...bend(1.3, 0.08, 0.34, Math.PI / 2)
      .reverse()
      .map(([x, y, z]): Vector => [x, -y + 0.16 * size, z]),
    ...bend(-1.3, 0, 0.3, Math.PI / 2),
    [0.9 * size, -0.3 * size, 0] as const,
  ]
  const mesh = new MeshBuilder()
  for (let i = 1; i < path.length; i++) addTube(mesh, [path[i - 1]!, path[i]!], 0.07, 5)
  const colour = random() < 0.6 ? fromHsv(0.6, 0.05, 0.7) : anyMoulded(random)
  return { mesh: mesh.centred(), colour, gloss: 0.6 }
}

/** A scrap of paper, cut or torn. */
function paper(random: Random): Clutter {
  const corners = wholeBetween(random, 3, 6)
  const radius = between(random, 0.8, 2.6)
  const stretch = between(random, 0.5, 1)
  const outline: Polygon = circle(radius, corners).map(([x, y]) => {
    const tear = between(random, 0.8, 1.1)
    return [x * tear, y * tear * stretch] as const
  })
  const mesh = new MeshBuilder()
  addWall(mesh, outline, [0, 0.03])
  addFace(mesh, outline, 0.03, [0, 0, 1])
  addFace(mesh, outline, 0, [0, 0, -1])
  return { mesh: mesh.centred(), colour: anyColour(random), gloss: 0.02 }
}

function coin(random: Random): Clutter {
  const outline = circle(between(random, 0.9, 1.6), 28)
  const mesh = new MeshBuilder()
  addWall(mesh, outline, [0, 0.2], { isSmooth: true })
  addFace(mesh, outline, 0.2, [0, 0, 1])
  addFace(mesh, outline, 0, [0, 0, -1])
  const metal = fromHsv(between(random, 0.05, 0.14), between(random, 0.05, 0.6), between(random, 0.45, 0.75))
  return { mesh: mesh.centred(), colour: metal, gloss: 0.5 }
}

/** The size of a brick, without studs and without a hollow. */
function woodenBlock(random: Random): Clutter {
  const [x, y] = [between(random, 0.4, 1.6), between(random, 0.4, 0.9)]
  const height = between(random, 0.5, 1.6)
  const outline: Polygon = [[-x, -y], [x, -y], [x, y], [-x, y]] // prettier-ignore
  const mesh = new MeshBuilder()
  addWall(mesh, outline, [0, height])
  addFace(mesh, outline, height, [0, 0, 1])
  addFace(mesh, outline, 0, [0, 0, -1])
  const wood = fromHsv(between(random, 0.06, 0.12), between(random, 0.25, 0.6), between(random, 0.55, 0.9))
  return { mesh: mesh.centred(), colour: random() < 0.5 ? wood : anyMoulded(random), gloss: 0.05 }
}

/** A round rod between two points, closed at its ends. */
function addTube(
  mesh: MeshBuilder,
  [start, end]: readonly [Vector, Vector],
  radius: number,
  sides: number,
): void {
  const axis = normalize(subtract(end, start))
  const aside = normalize(cross(axis, Math.abs(axis[2]) > 0.9 ? [1, 0, 0] : [0, 0, 1]))
  const spokes = Array.from({ length: sides }, (_, i) =>
    rotate(rotationAround(axis, (2 * Math.PI * i) / sides), aside),
  )
  const back = scale(axis, -1)
  spokes.forEach((spoke, i) => {
    const next = spokes[(i + 1) % sides]!
    const [a, b] = [add(start, scale(spoke, radius)), add(start, scale(next, radius))]
    const [c, d] = [add(end, scale(next, radius)), add(end, scale(spoke, radius))]
    mesh.quad([a, b, c, d], [spoke, next, next, spoke])
    mesh.triangle([start, a, b], [back, back, back])
    mesh.triangle([end, d, c], [axis, axis, axis])
  })
}
