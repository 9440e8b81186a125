/** x and y span the table, z points up; the unit is the distance between two studs (8 mm). */
export type Vector = readonly [x: number, y: number, z: number]

export const add = (a: Vector, b: Vector): Vector => [a[0] + b[0], a[1] + b[1], a[2] + b[2]]
export const subtract = (a: Vector, b: Vector): Vector => [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
export const scale = (a: Vector, by: number): Vector => [a[0] * by, a[1] * by, a[2] * by]
export const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
export const cross = (a: Vector, b: Vector): Vector => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
]
export const normalize = (a: Vector): Vector => scale(a, 1 / Math.hypot(...a))

/** From the horizon's angles, in radians: azimuth around z from x, elevation above the table. */
export const direction = (azimuth: number, elevation: number): Vector => [
  Math.cos(azimuth) * Math.cos(elevation),
  Math.sin(azimuth) * Math.cos(elevation),
  Math.sin(elevation),
]

/** The images of the three axes. */
export type Rotation = readonly [x: Vector, y: Vector, z: Vector]

export const noRotation: Rotation = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
]

export const rotate = (rotation: Rotation, [x, y, z]: Vector): Vector =>
  add(add(scale(rotation[0], x), scale(rotation[1], y)), scale(rotation[2], z))

/** First `inner`, then `outer`. */
export const compose = (outer: Rotation, inner: Rotation): Rotation => [
  rotate(outer, inner[0]),
  rotate(outer, inner[1]),
  rotate(outer, inner[2]),
]

/** Around a unit vector, anticlockwise seen from its tip, by an angle in radians (Rodrigues' formula). */
export function rotationAround(axis: Vector, angle: number): Rotation {
  const turn = (v: Vector): Vector =>
    add(
      add(scale(v, Math.cos(angle)), scale(cross(axis, v), Math.sin(angle))),
      scale(axis, dot(axis, v) * (1 - Math.cos(angle))),
    )
  return [turn(noRotation[0]), turn(noRotation[1]), turn(noRotation[2])]
}
