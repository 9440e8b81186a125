import { seededRandom } from '@ymir/detection'
import { describe, expect, it } from 'vitest'
import { ExecutorFailure } from '../contract/failure.ts'
import type { NetworkWidths } from './network.ts'
import { decodeWeights, encodeWeights } from './safetensors.ts'
import { initialWeights, layoutOf, transferWeights } from './weights.ts'

const random = seededRandom(1)
const widths: NetworkWidths = { backbone: [2, 3, 4, 5], merged: [4, 3] }
const detector = (...classNames: string[]) => initialWeights({ widths, classNames }, random)

describe('weights for another list of classes', () => {
  const pretrained = detector('cell', 'brick')
  pretrained.statistics.fill(0.5)
  const transferred = transferWeights(pretrained, ['brick', 'plate', 'cell'], random)
  const part = (weights: typeof pretrained, name: string) => {
    const { from, to } = layoutOf(weights.specification).parameters.part(name)
    return weights.parameters.slice(from, to)
  }
  const row = (weights: typeof pretrained, className: string) => {
    const values = part(weights, 'classes.weights')
    const { classNames } = weights.specification
    const length = values.length / classNames.length
    const index = classNames.indexOf(className)
    return values.slice(index * length, (index + 1) * length)
  }

  it('keep the backbone, the box head and the running statistics', () => {
    for (const name of ['backbone2.weights', 'merged4.scale', 'heat.weights', 'sides.bias'])
      expect(part(transferred, name)).toEqual(part(pretrained, name))
    expect(transferred.statistics).toEqual(pretrained.statistics)
  })

  it('keep the rows of classes of the same name, wherever they stand now', () => {
    expect(row(transferred, 'cell')).toEqual(row(pretrained, 'cell'))
    expect(row(transferred, 'brick')).toEqual(row(pretrained, 'brick'))
  })

  it('start new classes anew', () => {
    expect(row(transferred, 'plate')).not.toEqual(row(pretrained, 'brick'))
    expect(row(transferred, 'plate').some((value) => value !== 0)).toBe(true)
  })

  it('leave the pretrained ones alone', () => {
    const before = pretrained.parameters.slice()
    transferWeights(pretrained, ['plate'], random).parameters.fill(9)
    expect(pretrained.parameters).toEqual(before)
  })
})

describe('a weights file', () => {
  it('gives back the same weights, also from the middle of a larger buffer', () => {
    const weights = detector('1x2', 'größer')
    const file = encodeWeights(weights)
    const shared = Buffer.concat([Buffer.from('x'), file])
    expect(decodeWeights(shared.subarray(1), 'weights.safetensors')).toEqual(weights)
  })

  it.each([
    ['empty', new Uint8Array(0)],
    ['cut short', encodeWeights(detector('cell')).slice(0, -1)],
    ['something else', new TextEncoder().encode('PK\x03\x04 a zip archive, not weights at all')],
  ])('that is %s is a missing model, and the error names it', (_, bytes) => {
    expect(() => decodeWeights(bytes, 'a/weights.safetensors')).toThrow(
      /^a\/weights.safetensors holds no training weights/,
    )
    expect(() => decodeWeights(bytes, 'a/weights.safetensors')).toThrow(ExecutorFailure)
  })
})
