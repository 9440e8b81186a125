import type { Box } from '../../annotation/annotation.ts'
import type { Size } from '../shape.ts'
import { type Decimal, divided, exactly, numberOf, textOf, weighted } from './decimal.ts'

/**
 * YOLO says centre and size as parts of the image. Their product with the image's size is computed without rounding, so that a
 * box written with digits enough comes back as it was: in floating point, (13.5 / 1023) * 1023 - 0.5 is not always 13.
 */
export function boxOfCentre([cx, cy, w, h]: readonly [Decimal, Decimal, Decimal, Decimal], image: Size): Box {
  return {
    x: startOf(cx, w, image.width),
    y: startOf(cy, h, image.height),
    width: pixelsOf(w, image.width),
    height: pixelsOf(h, image.height),
  }
}

export function pixelsOf(part: Decimal, size: number): number {
  return numberOf(weighted(part, BigInt(size), zero, 0n))
}

/** Centre and size of a box as YOLO writes them, with so many digits that `boxOfCentre` gives the same box. */
export function centreOf({ x, y, width, height }: Box, image: Size): string {
  const [cx, w] = centreAlong(x, width, image.width)
  const [cy, h] = centreAlong(y, height, image.height)
  return [cx, cy, w, h].map(textOf).join(' ')
}

/** A coordinate as a part of the image, with so many digits that `pixelsOf` gives the same pixels. */
export function partOf(pixels: number, size: number): string {
  return textOf(
    firstExact(
      (places) => divided(exactly(pixels), size, places),
      (part) => pixelsOf(part, size) === pixels,
    ),
  )
}

const zero: Decimal = { digits: 0n, scale: 0 }

/** Half a width from the centre. */
function startOf(centre: Decimal, length: Decimal, size: number): number {
  const twice = weighted(centre, 2n * BigInt(size), length, BigInt(size))
  return numberOf({ digits: twice.digits * 5n, scale: twice.scale + 1 })
}

function centreAlong(start: number, length: number, size: number): readonly [Decimal, Decimal] {
  const part = (pixels: number, places: number) => divided(exactly(pixels), size, places)
  return firstExact(
    (places) => {
      const [from, long] = [part(start, places), part(length, places)]
      return [{ digits: from.digits + long.digits / 2n, scale: places }, long] as const
    },
    ([centre, long]) => startOf(centre, long, size) === start && pixelsOf(long, size) === length,
  )
}

/** 6 digits are usual; 20 are enough for whole pixels; more only for numbers such as 1e-9. */
const placesTried = [6, 12, 18, 20, 24, 32, 64, 128, 340]

function firstExact<T>(make: (places: number) => T, isExact: (value: T) => boolean): T {
  for (const places of placesTried) {
    const value = make(places)
    if (isExact(value)) return value
  }
  return make(placesTried.at(-1)!)
}
