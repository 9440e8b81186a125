import type { Mask } from '../../annotation/annotation.ts'
import { runsOf } from '../../annotation/mask.ts'
import type { Size } from '../shape.ts'

/**
 * Label Studio's run lengths of a brush (label-studio-sdk, converter/brush.py): a stream of bits. 32 bits: how many values
 * there are; 5 bits: bits of a value less one; 4 times 4 bits: bits of a run's length less one, in four sizes. Then runs: one
 * bit that says whether the value repeats, two that choose the size of the length, the length less one, and the value, or so
 * many values. The values are RGBA, row by row; an object is where A is not 0.
 * @returns the mask's runs as COCO has them, columns first; undefined when the bytes are no brush of an image of this size
 */
export function runsOfBrush(bytes: readonly number[], { width, height }: Size): number[] | undefined {
  const bits = new BitReader(bytes)
  const count = bits.read(32)
  if (count !== width * height * channels) return undefined
  const valueBits = bits.read(5) + 1
  const lengthBits = [0, 1, 2, 3].map(() => bits.read(4) + 1)
  const isObject = new Uint8Array(width * height)
  for (let at = 0; at < count;) {
    const repeats = bits.read(1) === 1
    const end = at + bits.read(lengthBits[bits.read(2)]!) + 1
    if (end > count || bits.isOver) return undefined
    if (repeats) markRun(isObject, at, end, bits.read(valueBits))
    else for (let one = at; one < end; one++) markRun(isObject, one, one + 1, bits.read(valueBits))
    at = end
  }
  return bits.isOver ? undefined : runsByColumn(isObject, width, height)
}

/** A mask as Label Studio writes a brush. */
export function brushOf({ size: [height, width], counts }: Mask): number[] {
  const bits = new BitWriter()
  bits.write(width * height * channels, 32)
  bits.write(valueBits - 1, 5)
  for (const size of lengthSizes) bits.write(size - 1, 4)
  for (const { length, isObject } of runsByRow(counts, width, height))
    for (let rest = length * channels; rest > 0; rest -= longestRun) {
      const run = Math.min(rest, longestRun)
      const size = lengthSizes.findIndex((one) => run <= 2 ** one)
      bits.write(1, 1)
      bits.write(size, 2)
      bits.write(run - 1, lengthSizes[size]!)
      bits.write(isObject ? 255 : 0, valueBits)
    }
  return bits.bytes()
}

const channels = 4
const alpha = 3
const valueBits = 8
const lengthSizes = [3, 4, 8, 16]
const longestRun = 2 ** 16

function markRun(isObject: Uint8Array, from: number, to: number, value: number) {
  if (value === 0) return
  const first = from + ((alpha - (from % channels) + channels) % channels)
  for (let at = first; at < to; at += channels) isObject[(at - alpha) / channels] = 1
}

function runsByColumn(isObject: Uint8Array, width: number, height: number): number[] {
  const runs = [0]
  for (let x = 0; x < width; x++)
    for (let y = 0; y < height; y++) {
      if (isObject[y * width + x] !== (runs.length + 1) % 2) runs.push(0)
      runs[runs.length - 1]! += 1
    }
  return runs
}

function* runsByRow(counts: string, width: number, height: number) {
  const isObject = new Uint8Array(width * height)
  let at = 0
  ;(runsOf(counts) ?? []).forEach((run, index) => {
    for (const end = at + run; at < end; at++)
      if (index % 2 === 1) isObject[(at % height) * width + Math.floor(at / height)] = 1
  })
  for (let start = 0, end = 1; start < isObject.length; start = end, end++) {
    while (end < isObject.length && isObject[end] === isObject[start]) end++
    yield { length: end - start, isObject: isObject[start] === 1 }
  }
}

/** Bits of bytes, the highest of each first. */
class BitReader {
  private position = 0

  constructor(private readonly source: readonly number[]) {}

  get isOver(): boolean {
    return this.position > this.source.length * 8
  }

  /** Zeros behind the end. @param count up to 32 */
  read(count: number): number {
    let value = 0
    for (let index = 0; index < count; index++, this.position++)
      value = value * 2 + (((this.source[this.position >> 3] ?? 0) >> (7 - (this.position & 7))) & 1)
    return value
  }
}

class BitWriter {
  private readonly written: number[] = []
  private position = 0

  write(value: number, count: number) {
    for (let index = count - 1; index >= 0; index--, this.position++) {
      if (this.position % 8 === 0) this.written.push(0)
      const bit = Math.floor(value / 2 ** index) % 2
      this.written[this.written.length - 1]! |= bit << (7 - (this.position % 8))
    }
  }

  bytes(): number[] {
    return this.written
  }
}
