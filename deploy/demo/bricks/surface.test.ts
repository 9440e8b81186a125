import { describe, expect, it } from 'vitest'
import { addFace, MeshBuilder, move, type Mesh } from './mesh.ts'
import { nobody, Surface } from './surface.ts'
import { lookAt, plan, type View } from './view.ts'

/** A square of the table, `side` units wide, that looks up. */
function aSquare(side: number): Mesh {
  const half = side / 2
  const mesh = new MeshBuilder()
  const corners = [[-half, -half], [half, -half], [half, half], [-half, half]] as const // prettier-ignore
  addFace(mesh, corners, 0, [0, 0, 1])
  return mesh.centred()
}

const fromAbove = plan('above', 10, 10)
const owners = ({ owner }: Surface) => new Set(owner)

describe('a surface', () => {
  it('shows the nearer of two meshes, in whatever order they are drawn', () => {
    const low = aSquare(6)
    const high = move(aSquare(2), [0, 0, 1])
    for (const order of [
      [low, high],
      [high, low],
    ]) {
      const surface = new Surface(10, 10)
      for (const mesh of order) surface.draw(mesh, fromAbove, mesh === high ? 1 : 0)
      expect(surface.owner[5 * 10 + 5]).toBe(1)
      expect(surface.owner[5 * 10 + 7]).toBe(0)
      expect(surface.owner[0]).toBe(nobody)
    }
  })

  it('counts what a mesh would fill with nothing before it', () => {
    const surface = new Surface(10, 10)
    surface.draw(move(aSquare(10), [0, 0, 5]), fromAbove, 0)
    expect(surface.draw(aSquare(4), fromAbove, 1)).toBe(16)
    expect(owners(surface)).toEqual(new Set([0]))
  })

  it('leaves out faces that look away', () => {
    expect(new Surface(10, 10).draw(aSquare(4), plan('below', 10, 10), 0)).toBe(0)
  })

  it('fills the pixels of two triangles that share an edge once each, without a gap', () => {
    const surface = new Surface(64, 64)
    const view: View = {
      ...lookAt([2, 3, 9], [0, 0, 0], 0.3),
      middle: [32, 32],
      lens: { type: 'perspective', focalPixels: 60 },
    }
    surface.draw(aSquare(5), view, 0)
    for (let row = 0; row < 64; row++) {
      const line = [...surface.owner.subarray(row * 64, row * 64 + 64)]
      const first = line.indexOf(0)
      if (first >= 0) expect(line.slice(first, line.lastIndexOf(0) + 1)).not.toContain(nobody)
    }
    expect(owners(surface)).toContain(0)
  })

  it('draws nothing of what lies behind the camera', () => {
    const view: View = {
      ...lookAt([0, 0, -3], [0, 0, -6], 0),
      middle: [32, 32],
      lens: { type: 'perspective', focalPixels: 60 },
    }
    expect(new Surface(64, 64).draw(aSquare(5), view, 0)).toBe(0)
  })
})
