import type { BoxXywh } from '@ymir/detection'

/** To a thousand-millionth of a pixel: percent of a size give back whole pixels and their usual fractions. */
export function rounded({ x, y, width, height }: BoxXywh): BoxXywh {
  return { x: round(x), y: round(y), width: round(width), height: round(height) }
}

const round = (value: number) => Math.round(value * 1e9) / 1e9 + 0 // no -0
