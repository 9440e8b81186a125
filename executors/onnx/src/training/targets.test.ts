import { describe, expect, it } from 'vitest'
import { writeTargets, type TargetObject, type Targets } from './targets.ts'

function targetsOf(...objects: TargetObject[]): Targets {
  const targets = {
    columns: 8,
    rows: 6,
    heat: new Float32Array(48).fill(7),
    classes: new Float32Array(2 * 48).fill(7),
    sides: new Float32Array(4 * 48).fill(7),
    objectWeight: new Float32Array(48).fill(7),
  }
  writeTargets(objects, targets)
  return targets
}

/** In a canvas of 32 x 24: centre in column 3, row 2. */
const box = { xmin: 8, ymin: 4, xmax: 20, ymax: 16 }
const centre = 2 * 8 + 3

describe('the targets of an object', () => {
  const { heat, classes, sides, objectWeight } = targetsOf({ classIndex: 1, box })

  it('have their only peak at its centre', () => {
    expect(heat[centre]).toBe(1)
    expect(heat.filter((value) => value === 1)).toHaveLength(1)
  })

  it('name its class wherever they weigh, and no other', () => {
    expect(Math.max(...classes.subarray(0, 48))).toBe(0)
    expect(Array.from(classes.subarray(48))).toEqual(
      Array.from(objectWeight, (weight) => (weight > 0 ? 1 : 0)),
    )
  })

  it('give the distances to its sides in cells', () => {
    // the cell's middle is at 3.5, 2.5; the box in cells is 2..5, 1..4
    expect([0, 1, 2, 3].map((side) => sides[side * 48 + centre])).toEqual([1.5, 1.5, 1.5, 1.5])
  })

  it('weigh one altogether', () => {
    expect(objectWeight.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5)
  })
})

it('an image without objects has no heat and teaches no box', () => {
  const { heat, sides, objectWeight } = targetsOf()
  expect(Math.max(...heat, ...objectWeight)).toBe(0)
  expect(Math.min(...sides)).toBe(1)
})

it('where objects overlap, the smaller is learnt, whatever the order', () => {
  const small = { classIndex: 1, box }
  const large = { classIndex: 0, box: { xmin: 0, ymin: 0, xmax: 32, ymax: 24 } }
  const targets = targetsOf(small, large)
  expect(targets).toEqual(targetsOf(large, small))
  expect(targets.sides[centre]).toBe(1.5)
  expect([targets.classes[centre], targets.classes[48 + centre]]).toEqual([0, 1])
})

it('an object at the lower right corner still has a centre', () => {
  const { heat } = targetsOf({ classIndex: 0, box: { xmin: 31, ymin: 23, xmax: 32, ymax: 24 } })
  expect(heat[47]).toBe(1)
})
