import { cross, normalize, subtract, type Vector } from './vector.ts'

/** How points become pixels. x runs right, y down; of two points in one pixel the one with the greater depth is nearer. */
export interface View {
  readonly eye: Vector
  /** unit vectors, at right angles: right and up in the picture, and from it towards the viewer */
  readonly right: Vector
  readonly up: Vector
  readonly towards: Vector
  /** the pixel in which a point straight ahead is seen */
  readonly middle: readonly [x: number, y: number]
  readonly lens:
    | { readonly type: 'perspective'; readonly focalPixels: number }
    /** for light from far away, and for height maps */
    | { readonly type: 'parallel'; readonly pixelsPerUnit: number }
}

/** @param roll in radians, of the camera around its axis */
export function lookAt(
  eye: Vector,
  target: Vector,
  roll: number,
): Pick<View, 'eye' | 'right' | 'up' | 'towards'> {
  const towards = normalize(subtract(eye, target))
  const aside = Math.abs(towards[2]) > 0.999 ? ([0, 1, 0] as const) : ([0, 0, 1] as const)
  const level = normalize(cross(aside, towards))
  const upright = cross(towards, level)
  const turn = (a: Vector, b: Vector, cosine: number, sine: number): Vector => [
    a[0] * cosine + b[0] * sine,
    a[1] * cosine + b[1] * sine,
    a[2] * cosine + b[2] * sine,
  ]
  const [cosine, sine] = [Math.cos(roll), Math.sin(roll)]
  return { eye, right: turn(level, upright, cosine, sine), up: turn(upright, level, cosine, -sine), towards }
}

/** Straight down (or up) at a square of the table around the origin, as a height map of `cells` by `cells`. */
export function plan(from: 'above' | 'below', cells: number, side: number): View {
  return {
    eye: [0, 0, 0],
    right: from === 'above' ? [1, 0, 0] : [-1, 0, 0],
    up: [0, 1, 0],
    towards: from === 'above' ? [0, 0, 1] : [0, 0, -1],
    middle: [cells / 2, cells / 2],
    lens: { type: 'parallel', pixelsPerUnit: cells / side },
  }
}

/** Nearer than this a point cannot be seen. */
const nearest = 0.5

/**
 * @param positions x, y, z of each corner
 * @returns x and y in pixels and the depth of each corner; not numbers for what lies behind the camera
 */
export function project(view: View, positions: Float32Array): Float32Array {
  const { eye, right, up, towards, middle, lens } = view
  const projected = new Float32Array(positions.length)
  for (let i = 0; i < positions.length; i += 3) {
    const x = positions[i]! - eye[0]
    const y = positions[i + 1]! - eye[1]
    const z = positions[i + 2]! - eye[2]
    const along = towards[0] * x + towards[1] * y + towards[2] * z
    const shrink =
      lens.type === 'parallel' ? lens.pixelsPerUnit : along < -nearest ? lens.focalPixels / -along : NaN
    projected[i] = middle[0] + shrink * (right[0] * x + right[1] * y + right[2] * z)
    projected[i + 1] = middle[1] - shrink * (up[0] * x + up[1] * y + up[2] * z)
    projected[i + 2] = lens.type === 'parallel' ? along : -1 / along
  }
  return projected
}

/** From a perspective camera's eye through a pixel, one unit deep: times the distance along the axis it is the point. */
export function sightLine({ right, up, towards, middle, lens }: View, x: number, y: number): Vector {
  if (lens.type !== 'perspective') throw new Error('parallel sight lines do not meet in an eye')
  const u = (x - middle[0]) / lens.focalPixels
  const v = (middle[1] - y) / lens.focalPixels
  return [
    right[0] * u + up[0] * v - towards[0],
    right[1] * u + up[1] * v - towards[1],
    right[2] * u + up[2] * v - towards[2],
  ]
}
