/** What the things lie on: plain card, wood, cloth, pebbles, carpet, print. */
import { seededRandom } from '@ymir/detection'
import { between, pick, wholeBetween, type Random } from './chance.ts'
import { anyColour, dim, fromHsv, mix, type Colour } from './colour.ts'
import { Noise, Pebbles, randomCells } from './noise.ts'

/** The colour at a place, u and v 0..1; it repeats beyond. */
type Paint = (u: number, v: number) => Colour

/** A power of two, so that a place beyond the picture wraps by its bits. */
const texels = 256
const lastTexel = texels - 1

/** A square picture of a tabletop that repeats in both directions. */
export class Tabletop {
  private readonly cosine: number
  private readonly sine: number

  /**
   * @param light three numbers for each of `texels` x `texels` places
   * @param side of the picture on the table, in units
   * @param turn of the picture, in radians
   */
  constructor(
    private readonly light: Float32Array,
    side: number,
    turn: number,
  ) {
    this.cosine = (Math.cos(turn) * texels) / side
    this.sine = (Math.sin(turn) * texels) / side
  }

  /** The colour at a place of the table, in units, into `into`. */
  read(place: Float64Array, into: Float64Array): void {
    const { light, cosine, sine } = this
    const u = place[0]! * cosine + place[1]! * sine
    const v = place[1]! * cosine - place[0]! * sine
    const left = Math.floor(u)
    const top = Math.floor(v)
    const s = u - left
    const t = v - top
    const upperRow = (top & lastTexel) * texels
    const lowerRow = ((top + 1) & lastTexel) * texels
    const a = (upperRow + (left & lastTexel)) * 3
    const b = (upperRow + ((left + 1) & lastTexel)) * 3
    const c = (lowerRow + (left & lastTexel)) * 3
    const d = (lowerRow + ((left + 1) & lastTexel)) * 3
    for (let i = 0; i < 3; i++) {
      const upper = light[a + i]! * (1 - s) + light[b + i]! * s
      const lower = light[c + i]! * (1 - s) + light[d + i]! * s
      into[i] = upper * (1 - t) + lower * t
    }
  }

  /** What it throws back onto the things, over all. */
  meanColour(): Colour {
    const sum: [number, number, number] = [0, 0, 0]
    for (let i = 0; i < this.light.length; i += 63) for (let c = 0; c < 3; c++) sum[c]! += this.light[i + c]!
    return dim(sum, 63 / this.light.length)
  }
}

const paints: readonly ((random: Random) => Paint)[] = [plain, wood, cloth, pebbles, carpet, print]

/** The tables of the workshop: every photo is taken at one of them. The same for all sets, as a team's own tables are. */
const tables = paints.map((paint, seed) => painted(paint(seededRandom(seed))))

function painted(paint: Paint): Float32Array {
  const light = new Float32Array(texels * texels * 3)
  for (let row = 0; row < texels; row++)
    for (let column = 0; column < texels; column++)
      light.set(paint((column + 0.5) / texels, (row + 0.5) / texels), (row * texels + column) * 3)
  return light
}

/** One of the tables, seen from anywhere. */
export function anyTabletop(random: Random): Tabletop {
  return new Tabletop(pick(random, tables), between(random, 9, 18), between(random, 0, 2 * Math.PI))
}

/** Card or a painted table: nearly even, one colour running into another. */
function plain(random: Random): Paint {
  const [from, to] = [anyColour(random), anyColour(random)]
  const strength = between(random, 0.05, 0.6)
  const [large, fine] = [new Noise(random, 3), new Noise(random, 90)]
  return (u, v) => dim(mix(from, to, large.at(u, v) * strength), 0.94 + 0.12 * fine.at(u, v))
}

function wood(random: Random): Paint {
  const hue = between(random, 0.05, 0.11)
  const light = fromHsv(hue, between(random, 0.3, 0.6), between(random, 0.55, 0.9))
  const dark = dim(light, between(random, 0.35, 0.6))
  const planks = wholeBetween(random, 2, 5)
  const rings = wholeBetween(random, 4, 9)
  const [warp, grain, tint] = [new Noise(random, 5), new Noise(random, 64), new Noise(random, planks)]
  return (u, v) => {
    const plank = Math.floor(v * planks)
    const along = u * 0.3 + plank * 0.37
    const ring = Math.abs(((((v * rings + warp.at(along, v) * 2.5) % 1) + 1) % 1) - 0.5) * 2
    const line = grain.at(u * 0.12, v)
    const isSeam = v * planks - plank < 0.03
    const colour = mix(light, dark, 0.55 * ring * line + 0.3 * tint.at(0, v))
    return isSeam ? dim(colour, 0.35) : colour
  }
}

function cloth(random: Random): Paint {
  const colours = [anyColour(random), anyColour(random), anyColour(random)] as const
  const threads = wholeBetween(random, 40, 75)
  const bands = wholeBetween(random, 2, 7)
  const isChecked = random() < 0.5
  const folds = new Noise(random, 4)
  const band = (t: number) => {
    const phase = (t * bands) % 1
    return phase < 0.42 ? 0 : phase < 0.5 ? 1 : phase < 0.92 ? 0 : 0.5
  }
  return (u, v) => {
    const weave = Math.sin(2 * Math.PI * threads * u) * Math.sin(2 * Math.PI * threads * v)
    const stripes = mix(colours[0], colours[1], band(u))
    const woven = isChecked ? mix(stripes, colours[2], band(v) * 0.6) : stripes
    return dim(woven, 0.8 + 0.16 * weave + 0.25 * (folds.at(u, v) - 0.5))
  }
}

function pebbles(random: Random): Paint {
  const stones = new Pebbles(random, wholeBetween(random, 12, 34))
  const base = fromHsv(between(random, 0.04, 0.15), between(random, 0, 0.35), between(random, 0.4, 0.8))
  const variety = between(random, 0.3, 0.9)
  const tints = Array.from({ length: 53 }, () =>
    mix(base, dim(anyColour(random), 0.8), random() * variety * 0.5),
  )
  return (u, v) => {
    const { pebble, edge } = stones.at(u, v)
    return dim(tints[pebble % tints.length]!, Math.max(0.15, 1.1 - edge ** 3))
  }
}

function carpet(random: Random): Paint {
  const [from, to] = [anyColour(random), anyColour(random)]
  const [tufts, patches] = [new Noise(random, 110), new Noise(random, 9)]
  return (u, v) => {
    const tuft = tufts.at(u, v)
    return dim(mix(from, to, 0.7 * patches.at(u, v) * tuft), 0.45 + 0.75 * tuft)
  }
}

/** A page of a newspaper, out of focus: dark words in lines, a picture here and there. */
function print(random: Random): Paint {
  const paper = fromHsv(between(random, 0.08, 0.16), between(random, 0, 0.25), between(random, 0.75, 0.95))
  const ink = dim(anyColour(random), 0.15)
  const lines = wholeBetween(random, 22, 44)
  const isLetter = randomCells(random, lines * 2, 0.75)
  const isPicture = randomCells(random, 4, 0.2)
  const picture = new Noise(random, 12)
  return (u, v) => {
    if (isPicture(u, v)) return mix(paper, ink, picture.at(u, v))
    const isLine = (v * lines) % 1 < 0.5
    return isLine && isLetter(u, Math.floor(v * lines) / lines) ? mix(paper, ink, 0.75) : paper
  }
}
