import { expect, test } from 'vitest'
import { colorOf } from './label.ts'

const colors = Array.from({ length: 20 }, (_, index) => colorOf(index))

test('the first twenty labels are told apart, and neighbours most clearly', () => {
  // in OKLab about 0.02 is the least difference that people see
  const distances = colors.flatMap((one, index) =>
    colors.slice(index + 1).map((other) => distance(one, other)),
  )
  expect(Math.min(...distances)).toBeGreaterThan(0.09)
  const neighbours = colors.slice(1).map((color, index) => distance(colors[index]!, color))
  expect(Math.min(...neighbours)).toBeGreaterThan(0.2)
})

test.each(['#ffffff', '#242424'])('each is seen on %s', (background) => {
  for (const color of colors) expect([color, contrast(color, background) > 2]).toEqual([color, true])
})

test('labels beyond them have colours of the same kind', () => {
  expect(colorOf(123_456)).toMatch(/^#[0-9a-f]{6}$/)
})

/** Red, green and blue, linear. */
function linearOf(color: string): readonly [number, number, number] {
  const part = (at: number) => {
    const value = parseInt(color.slice(at, at + 2), 16) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  }
  return [part(1), part(3), part(5)]
}

/** As WCAG 2.2 has it. */
function contrast(one: string, other: string): number {
  const luminance = (color: string) => {
    const [red, green, blue] = linearOf(color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05
  }
  const [least, most] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return most! / least!
}

/** Euclidean in OKLab (Ottosson 2020). */
function distance(one: string, other: string): number {
  const [a, b] = [oklabOf(one), oklabOf(other)]
  return Math.hypot(...a.map((value, index) => value - b[index]!))
}

function oklabOf(color: string): readonly number[] {
  const [red, green, blue] = linearOf(color)
  const long = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
  const middle = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
  const short = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
  return [
    0.2104542553 * long + 0.793617785 * middle - 0.0040720468 * short,
    1.9779984951 * long - 2.428592205 * middle + 0.4505937099 * short,
    0.0259040371 * long + 0.7827717662 * middle - 0.808675766 * short,
  ]
}
