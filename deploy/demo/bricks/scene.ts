/** What lies where, under which light, before which camera: everything that chance decides about a photo. */
import { between, gaussian, happens, pickWeighted, wholeBetween, type Random } from './chance.ts'
import { pour, type Bag } from './bag.ts'
import { anyClutter } from './clutter.ts'
import { fromHsv, moulded, type Colour } from './colour.ts'
import { coloursOf, type Kind } from './kinds.ts'
import { turn, type Mesh } from './mesh.ts'
import { partOf } from './parts.ts'
import { heightOnTable, Pile, type HeightMap } from './pile.ts'
import { anyTabletop, type Tabletop } from './tabletop.ts'
import {
  add,
  compose,
  direction,
  noRotation,
  rotationAround,
  scale,
  type Rotation,
  type Vector,
} from './vector.ts'
import { lookAt, type View } from './view.ts'

export interface Thing {
  readonly mesh: Mesh
  readonly colour: Colour
  /** 0..1, of light that it throws back as a mirror does */
  readonly gloss: number
  /** undefined: no brick */
  readonly kind?: Kind
}

export interface Light {
  /** to the lamp */
  readonly direction: Vector
  readonly colour: Colour
  /** of the room, from above */
  readonly sky: Colour
  /** of the shadow's edge, in units */
  readonly softness: number
}

export interface Scene {
  readonly things: readonly Thing[]
  readonly heights: HeightMap
  readonly tabletop: Tabletop
  readonly light: Light
  readonly camera: Pick<View, 'eye' | 'right' | 'up' | 'towards'>
  /** horizontal angle of view, in radians */
  readonly fieldOfView: number
}

export function anyScene(random: Random, bag: Bag): Scene {
  const pile = new Pile()
  const isHeap = happens(random, 0.05)
  const radius = isHeap ? between(random, 2.6, 3.4) : between(random, 3.6, 4.2)
  const bricks = pour(random, bag).map((kind) => aBrick(random, kind))
  const clutter = Array.from({ length: wholeBetween(random, 0, 3) }, () => anyClutter(random))
  const lie = (thing: Thing) => layDown(thing, { pile, random, radius, isHeap })
  // what lies below comes first; clutter lies among the bricks
  const things = [...clutter.slice(0, 2), ...bricks, ...clutter.slice(2)].map(lie)
  return {
    things,
    heights: pile.heightsAround(),
    tabletop: anyTabletop(random),
    light: anyLight(random),
    ...anyCamera(random, radius),
  }
}

function aBrick(random: Random, kind: Kind): Thing {
  return { mesh: meshOf(kind), colour: kindColour(random, kind), gloss: between(random, 0.15, 0.4), kind }
}

const kindColour = (random: Random, kind: Kind): Colour =>
  moulded(random, coloursOf[kind][pickWeighted(random, [0, 1, 2] as const, (rank) => colourShares[rank])])

const meshes = new Map<Kind, Mesh>()

function meshOf(kind: Kind): Mesh {
  const mesh = meshes.get(kind) ?? partOf[kind]()
  meshes.set(kind, mesh)
  return mesh
}

interface Laying {
  readonly pile: Pile
  readonly random: Random
  /** of the circle in which things lie, in units */
  readonly radius: number
  readonly isHeap: boolean
}

/** In a heap things lie on one another, tilted; else each finds a free place, if there is one in a few tries. */
function layDown(thing: Thing, { pile, random, radius, isHeap }: Laying): Thing {
  const posed = turn(thing.mesh, anyPose(random, thing))
  const onTable = heightOnTable(posed)
  for (let attempt = 0; ; attempt++) {
    const [angle, distance] = [between(random, 0, 2 * Math.PI), radius * Math.sqrt(random())]
    const at = [distance * Math.cos(angle), distance * Math.sin(angle)] as const
    const height = pile.restingHeight(posed, at)
    if (height < onTable + 0.05) return { ...thing, mesh: pile.put(posed, [...at, height]) }
    if (!isHeap && attempt < 40) continue
    const leaning = turn(posed, tilt(random))
    const sunk = 0.1 // a tilted thing touches with a corner; its middle lies lower in a real heap
    return { ...thing, mesh: pile.put(leaning, [...at, pile.restingHeight(leaning, at) - sunk]) }
  }
}

/** How often a kind comes in its first, second and third colour. */
const colourShares = [0.85, 0.1, 0.05] as const

const quarter = Math.PI / 2

/** How a brick comes to lie, and how often: on its feet, on its studs, on a long side, on an end. */
const poses: readonly { readonly weight: number; readonly rotation: Rotation }[] = [
  { weight: 92, rotation: noRotation },
  { weight: 2, rotation: rotationAround([1, 0, 0], 2 * quarter) },
  { weight: 2, rotation: rotationAround([1, 0, 0], quarter) },
  { weight: 2, rotation: rotationAround([1, 0, 0], -quarter) },
  { weight: 1, rotation: rotationAround([0, 1, 0], quarter) },
  { weight: 1, rotation: rotationAround([0, 1, 0], -quarter) },
]

function anyPose(random: Random, { kind }: Thing): Rotation {
  // seen from below a tile is a plate: nobody could tell them apart
  const isUpright = kind === undefined || kind === 'tile-2x4'
  const pose = isUpright ? noRotation : pickWeighted(random, poses, ({ weight }) => weight).rotation
  return compose(aroundUpright(random), pose)
}

const aroundUpright = (random: Random): Rotation => rotationAround([0, 0, 1], between(random, 0, 2 * Math.PI))

const tilt = (random: Random): Rotation =>
  rotationAround(direction(between(random, 0, 2 * Math.PI), 0), between(random, 0.1, 0.45))

function anyLight(random: Random): Light {
  const warmth = between(random, -0.12, 0.12)
  const strength = between(random, 0.75, 1.15)
  const room = between(random, 0.28, 0.6)
  return {
    direction: direction(between(random, 0, 2 * Math.PI), between(random, 0.5, 1.4)),
    colour: [strength * (1 + warmth), strength, strength * (1 - warmth)],
    sky: scale(fromHsv(between(random, 0.5, 0.65), between(random, 0, 0.2), 1), room),
    softness: between(random, 0.04, 0.35),
  }
}

function anyCamera(random: Random, radius: number): Pick<Scene, 'camera' | 'fieldOfView'> {
  const fieldOfView = between(random, 0.45, 0.75)
  const seen = Math.max(10, 2 * radius + 3) * between(random, 0.9, 1.05) // units across the picture
  const distance = seen / (2 * Math.tan(fieldOfView / 2))
  const target: Vector = [gaussian(random) * 0.4, gaussian(random) * 0.4, 0.4]
  const elevation = happens(random, 0.8) ? between(random, 1.1, 1.55) : between(random, 0.7, 1.1)
  const eye = add(target, scale(direction(between(random, 0, 2 * Math.PI), elevation), distance))
  return { camera: lookAt(eye, target, gaussian(random) * 0.15), fieldOfView }
}
