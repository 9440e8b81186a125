import { seededRandom } from '@ymir/detection'
import { describe, expect, it } from 'vitest'
import { annotate, leastVisibleShare, toVocXml } from './annotation.ts'
import { addFace, MeshBuilder, move, type Mesh } from './mesh.ts'
import { render, takePhoto } from './photo.ts'
import { anyScene, type Thing } from './scene.ts'
import { oversampling, type Frame } from './shading.ts'
import { Surface } from './surface.ts'
import { plan } from './view.ts'

const small = { width: 96, height: 72 }

describe('a photo', () => {
  it('is the same, byte for byte, for the same seed, and another for another', async () => {
    const [first, again, other] = await Promise.all(
      [5, 5, 6].map((seed) => takePhoto({ seed, bag: 'usual', ...small })),
    )
    expect(again).toEqual(first)
    expect(other!.jpeg).not.toEqual(first!.jpeg)
  })

  it('has boxes within the image that end where the last pixel of their brick is seen', () => {
    let boxes = 0
    for (let seed = 0; seed < 6; seed++) {
      const random = seededRandom(seed)
      const frame: Frame = { ...small, margin: 20 }
      const scene = anyScene(random, 'balanced')
      const { bricks, surface } = render(scene, frame, random)
      for (const { kind, xmin, ymin, xmax, ymax } of bricks) {
        expect(Math.min(xmin, ymin)).toBeGreaterThanOrEqual(0)
        expect(xmax).toBeLessThan(small.width)
        expect(ymax).toBeLessThan(small.height)
        const isKind = (owner: number) => scene.things[owner]?.kind === kind
        for (const [line, column] of [
          ['x', xmin],
          ['x', xmax],
        ] as const)
          expect(samplesOn(surface, frame, line, column).some(isKind), `${kind} at x ${column}`).toBe(true)
        for (const row of [ymin, ymax])
          expect(samplesOn(surface, frame, 'y', row).some(isKind), `${kind} at y ${row}`).toBe(true)
        boxes++
      }
    }
    expect(boxes).toBeGreaterThan(10)
  })
})

/** Whom the samples of a column (x) or row (y) of pixels show. */
function samplesOn({ owner, width }: Surface, frame: Frame, axis: 'x' | 'y', pixel: number): number[] {
  const first = frame.margin + pixel * oversampling
  const found: number[] = []
  for (let y = frame.margin; y < frame.margin + frame.height * oversampling; y++)
    for (let x = frame.margin; x < frame.margin + frame.width * oversampling; x++) {
      const along = axis === 'x' ? x : y
      if (along >= first && along < first + oversampling) found.push(owner[y * width + x]!)
    }
  return found
}

describe('the boxes', () => {
  const frame: Frame = { width: 40, height: 40, margin: 20 }
  const fromAbove = plan('above', 120, 12) // a unit is 10 samples, 5 pixels

  /** A square brick seen from above, and a lid over some of it. */
  function boxesWith(brick: Mesh, lid?: Mesh) {
    const surface = new Surface(120, 120)
    const meshes = lid ? [brick, lid] : [brick]
    const covered = meshes.map((mesh, i) => surface.draw(mesh, fromAbove, i))
    const thing = (mesh: Mesh, kind?: Thing['kind']): Thing => ({ mesh, colour: [1, 1, 1], gloss: 0, kind })
    return annotate([thing(brick, 'brick-2x2'), ...(lid ? [thing(lid)] : [])], surface, covered, frame)
  }

  it('hold the first and the last pixel', () => {
    expect(boxesWith(aSquare(4))).toEqual([
      { kind: 'brick-2x2', xmin: 10, ymin: 10, xmax: 29, ymax: 29, isTruncated: false, isOccluded: false },
    ])
  })

  it('end at what hides the brick, and say so', () => {
    const [box] = boxesWith(aSquare(4), move(aSquare(4), [2, 0, 1]))
    expect(box).toMatchObject({ xmin: 10, xmax: 19, isOccluded: true, isTruncated: false })
  })

  it('end at the edge of the frame, and say so', () => {
    const [box] = boxesWith(move(aSquare(4), [-4, 0, 0]))
    expect(box).toMatchObject({ xmin: 0, xmax: 9, isTruncated: true, isOccluded: false })
  })

  it('are not drawn around a brick of which less than a quarter is seen', () => {
    expect(leastVisibleShare).toBe(0.25)
    expect(boxesWith(aSquare(4), move(aSquare(4), [0.8, 0, 1]))).toEqual([])
    expect(boxesWith(aSquare(4), move(aSquare(4), [1.2, 0, 1]))).toEqual([]) // 30 %, but 6 pixels wide
    expect(boxesWith(aSquare(6), move(aSquare(6), [2, 0, 1]))).toHaveLength(1)
  })

  it('are written as Pascal VOC has them', () => {
    const xml = toVocXml('a.jpg', frame, boxesWith(aSquare(4)))
    expect(xml).toContain('<filename>a.jpg</filename>')
    expect(xml).toContain('<width>40</width>')
    expect(xml.replace(/\s+/g, '')).toContain(
      '<bndbox><xmin>10</xmin><ymin>10</ymin><xmax>29</xmax><ymax>29</ymax></bndbox>',
    )
  })
})

function aSquare(side: number): Mesh {
  const half = side / 2
  const mesh = new MeshBuilder()
  addFace(mesh, [[-half, -half], [half, -half], [half, half], [-half, half]], 0, [0, 0, 1]) // prettier-ignore
  return mesh.centred()
}
