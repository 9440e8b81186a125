/** Changed copies of an image, on which a detector that is sure of itself finds the same. */
import type { BoxXyxy } from '@ymir/detection'
import type { Letterbox } from './letterbox.ts'

export interface View {
  /** The pixels of the canvas, changed. */
  readonly show: (image: Letterbox) => Uint8Array
  /** A box on the changed canvas, as one on the canvas itself. */
  readonly back: (box: BoxXyxy, canvas: { readonly width: number }) => BoxXyxy
}

const unmoved = (box: BoxXyxy) => box

/** By the names that the mining template offers. */
export const views = {
  flip: {
    show: mirrored,
    back: ({ xmin, xmax, ...rest }, { width }) => ({ ...rest, xmin: width - xmax, xmax: width - xmin }),
  },
  brighter: { show: (image) => lit(image, 1.4), back: unmoved },
  darker: { show: (image) => lit(image, 0.6), back: unmoved },
} as const satisfies Record<string, View>

export type ViewName = keyof typeof views

/** Left and right exchanged. */
function mirrored({ pixels, width }: Letterbox): Uint8Array {
  const row = width * 3
  const changed = new Uint8Array(pixels.length)
  for (let start = 0; start < pixels.length; start += row)
    for (let offset = 0; offset < row; offset += 3)
      changed.set(pixels.subarray(start + offset, start + offset + 3), start + row - 3 - offset)
  return changed
}

function lit({ pixels }: Letterbox, factor: number): Uint8Array {
  return Uint8Array.from(pixels, (level) => Math.min(255, Math.round(level * factor)))
}
