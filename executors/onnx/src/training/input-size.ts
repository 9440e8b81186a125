import { SIZE_MULTIPLE } from '../detector/network.ts'
import type { Size } from '../images/picture.ts'

/**
 * The size at which the network looks at images: the longer side as asked, the other by the typical shape of the
 * training images (geometric mean of width / height), both rounded to what the network can halve.
 * @param longerSide in pixels
 */
export function inputSizeFor(images: readonly Size[], longerSide: number): Size {
  const logarithms = images.map(({ width, height }) => Math.log(width / height))
  const ratio = Math.exp(logarithms.reduce((sum, value) => sum + value, 0) / Math.max(1, images.length))
  const rounded = (side: number) => Math.max(2, Math.round(side / SIZE_MULTIPLE)) * SIZE_MULTIPLE
  const longer = rounded(longerSide)
  const shorter = rounded(Math.min(longer, longerSide * Math.min(ratio, 1 / ratio)))
  return ratio >= 1 ? { width: longer, height: shorter } : { width: shorter, height: longer }
}
