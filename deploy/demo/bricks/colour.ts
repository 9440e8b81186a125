import { between, pick, type Random } from './chance.ts'

/** Red, green and blue in amounts of light (linear), 0..1. */
export type Colour = readonly [red: number, green: number, blue: number]

/** @param hue 0..1 around the circle from red; all as painters count (sRGB), turned into amounts of light */
export function fromHsv(hue: number, saturation: number, value: number): Colour {
  const channel = (n: number) => {
    const k = (n + hue * 6) % 6
    return toLight(value - value * saturation * Math.max(0, Math.min(k, 4 - k, 1)))
  }
  return [channel(5), channel(3), channel(1)]
}

/** sRGB's curve, near enough. */
const toLight = (value: number): number => value ** 2.2

export const mix = (a: Colour, b: Colour, share: number): Colour => [
  a[0] + (b[0] - a[0]) * share,
  a[1] + (b[1] - a[1]) * share,
  a[2] + (b[2] - a[2]) * share,
]

export const dim = (a: Colour, by: number): Colour => [a[0] * by, a[1] * by, a[2] * by]

export const anyColour = (random: Random): Colour =>
  fromHsv(random(), between(random, 0, 0.9), between(random, 0.2, 0.95))

/** Hue, saturation, value of the colours in which toy bricks are moulded. */
const mouldedColours = {
  red: [0.0, 0.88, 0.78],
  blue: [0.58, 0.85, 0.72],
  yellow: [0.14, 0.88, 0.95],
  green: [0.36, 0.75, 0.5],
  orange: [0.07, 0.85, 0.92],
  white: [0, 0, 0.93],
  black: [0, 0, 0.14],
  grey: [0, 0.02, 0.62],
  tan: [0.1, 0.35, 0.8],
  lime: [0.27, 0.7, 0.75],
  pink: [0.93, 0.4, 0.9],
  brown: [0.06, 0.6, 0.4],
} as const

export type MouldedColour = keyof typeof mouldedColours

/** One charge of a colour is never quite like the next. */
export function moulded(random: Random, name: MouldedColour): Colour {
  const [hue, saturation, value] = mouldedColours[name]
  return fromHsv(
    (hue + between(random, -0.015, 0.015) + 1) % 1,
    saturation * between(random, 0.9, 1.1),
    Math.min(1, value * between(random, 0.9, 1.08)),
  )
}

// as: Object.keys forgets the literal types; these are all the keys there are
const allColours = Object.keys(mouldedColours) as readonly MouldedColour[]

export const anyMoulded = (random: Random): Colour => moulded(random, pick(random, allColours))
