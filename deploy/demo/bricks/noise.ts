import { happens, type Random } from './chance.ts'

/** Value noise: random heights on a grid of `period` by `period` that repeats, smooth in between. Values 0..1. */
export class Noise {
  private readonly heights: Float32Array

  constructor(
    random: Random,
    readonly period: number,
  ) {
    this.heights = Float32Array.from({ length: period * period }, random)
  }

  /** @param u, v 0..1 over the whole period */
  at(u: number, v: number): number {
    const { period, heights } = this
    const x = u * period
    const y = v * period
    const left = Math.floor(x)
    const top = Math.floor(y)
    const s = smooth(x - left)
    const t = smooth(y - top)
    const column = wrap(left, period)
    const row = wrap(top, period) * period
    const nextColumn = wrap(left + 1, period)
    const nextRow = wrap(top + 1, period) * period
    const upper = heights[row + column]! * (1 - s) + heights[row + nextColumn]! * s
    const lower = heights[nextRow + column]! * (1 - s) + heights[nextRow + nextColumn]! * s
    return upper * (1 - t) + lower * t
  }
}

/** Random points, one in each cell of a grid that repeats: pebbles, if each is drawn up to half way to its neighbour. */
export class Pebbles {
  private readonly points: Float32Array

  constructor(
    random: Random,
    readonly period: number,
  ) {
    this.points = Float32Array.from({ length: period * period * 2 }, random)
  }

  /**
   * @param u, v 0..1 over the whole period
   * @returns which pebble, and how far from its middle (0) to its edge (1)
   */
  at(u: number, v: number): { readonly pebble: number; readonly edge: number } {
    const { period, points } = this
    const x = u * period
    const y = v * period
    let pebble = 0
    let nearest = Infinity
    let second = Infinity
    for (let row = Math.floor(y) - 1; row <= Math.floor(y) + 1; row++) {
      for (let column = Math.floor(x) - 1; column <= Math.floor(x) + 1; column++) {
        const cell = wrap(row, period) * period + wrap(column, period)
        const dx = column + points[cell * 2]! - x
        const dy = row + points[cell * 2 + 1]! - y
        const distance = dx * dx + dy * dy
        if (distance >= second) continue
        if (distance >= nearest) {
          second = distance
          continue
        }
        second = nearest
        nearest = distance
        pebble = cell
      }
    }
    return { pebble, edge: Math.sqrt(nearest / second) }
  }
}

/** 0 or 1 for each cell of a grid that repeats. */
export function randomCells(
  random: Random,
  period: number,
  share: number,
): (u: number, v: number) => boolean {
  const filled = Array.from({ length: period * period }, () => happens(random, share))
  return (u, v) =>
    filled[wrap(Math.floor(v * period), period) * period + wrap(Math.floor(u * period), period)]!
}

const smooth = (t: number): number => t * t * (3 - 2 * t)
const wrap = (value: number, period: number): number => ((value % period) + period) % period
