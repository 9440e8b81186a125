import { describe, expect, it } from 'vitest'
import { kinds } from './kinds.ts'
import { triangulate } from './mesh.ts'
import { partOf } from './parts.ts'
import { cross, dot, normalize, subtract, type Vector } from './vector.ts'

function sizeOf(positions: Float32Array): number[] {
  return [0, 1, 2].map((axis) => {
    const along = [...positions].filter((_, i) => i % 3 === axis)
    return Math.max(...along) - Math.min(...along)
  })
}

describe('the parts', () => {
  it('have the size that their name says, in studs', () => {
    for (const kind of kinds) {
      const [width, length] = /(\d)x(\d)/.exec(kind)!.slice(1).map(Number)
      const [x, y] = sizeOf(partOf[kind]().positions)
      expect([x, y], kind).toEqual([expect.closeTo(length!, 1), expect.closeTo(width!, 1)])
    }
  })

  it('are as high as a brick or as a plate, and a stud on top', () => {
    const heightOf = (kind: (typeof kinds)[number]) => sizeOf(partOf[kind]().positions)[2]
    expect(heightOf('brick-2x4')).toBeCloseTo(1.42)
    expect(heightOf('plate-2x4')).toBeCloseTo(0.62)
    expect(heightOf('tile-2x4')).toBeCloseTo(0.4)
  })

  it('have triangles that turn the way their normals point, or they could not be seen', () => {
    for (const kind of kinds) {
      const { positions, normals } = partOf[kind]()
      const at = (from: Float32Array, i: number): Vector => [from[i]!, from[i + 1]!, from[i + 2]!]
      for (let i = 0; i < positions.length; i += 9) {
        const [a, b, c] = [at(positions, i), at(positions, i + 3), at(positions, i + 6)]
        const facing = normalize(cross(subtract(b, a), subtract(c, a)))
        expect(dot(facing, at(normals, i)), kind).toBeGreaterThan(0.5)
      }
    }
  })
})

it('a figure with a corner that points inwards is cut into triangles of the same area', () => {
  const corner = [[0, 0], [2, 0], [2, 1], [1, 1], [1, 2], [0, 2]] as const // prettier-ignore
  const areas = triangulate(corner).map(
    ([a, b, c]) => ((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])) / 2,
  )
  expect(Math.min(...areas)).toBeGreaterThanOrEqual(0)
  expect(areas.reduce((sum, area) => sum + area, 0)).toBeCloseTo(3)
})
