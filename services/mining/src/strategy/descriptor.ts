/** 8-bit RGB, three bytes a pixel, row by row. */
export interface Pixels {
  readonly width: number
  readonly height: number
  readonly rgb: Uint8Array
}

export const descriptorDimensions = 128
const colourCells = 4 // 4 x 4 cells x 3 Lab means = 48
const gradientSides = [4, 2] as const // (16 + 4) cells x 4 directions = 80

/**
 * A cheap look of an image where no model gives an embedding: means of CIE Lab (D65) in 4 x 4 cells (48 values), and
 * histograms of gradient direction, unsigned, 4 bins, weighted by magnitude, in 4 x 4 and 2 x 2 cells (80 values;
 * after Dalal & Triggs 2005, each level L2-normalised). Both halves weigh alike; 128 values, L2 norm 1. Reads at most
 * 64 x 64 pixels, evenly spaced.
 * @throws RangeError when the bytes are not width * height * 3, or there are none
 */
export function descriptor({ width, height, rgb }: Pixels): Float32Array {
  if (width < 1 || height < 1 || rgb.length !== width * height * 3)
    throw new RangeError(`${rgb.length} bytes for ${width} x ${height} RGB pixels`)
  const side = 64
  const lab = new Float32Array(side * side * 3)
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      const pixel = Math.floor(((y + 0.5) * height) / side) * width + Math.floor(((x + 0.5) * width) / side)
      lab.set(labOf(rgb[pixel * 3]!, rgb[pixel * 3 + 1]!, rgb[pixel * 3 + 2]!), (y * side + x) * 3)
    }
  const [coarse, fine] = gradientSides.map((cells) => unit(directions(lab, side, cells)))
  const gradients = unit(Float32Array.from([...coarse!, ...fine!]))
  return unit(Float32Array.from([...unit(colours(lab, side)), ...gradients]))
}

function colours(lab: Float32Array, side: number): Float32Array {
  const means = new Float32Array(colourCells * colourCells * 3)
  const cell = side / colourCells
  for (let at = 0; at < lab.length; at++) {
    const pixel = Math.floor(at / 3)
    const place =
      Math.floor(Math.floor(pixel / side) / cell) * colourCells + Math.floor((pixel % side) / cell)
    means[place * 3 + (at % 3)]! += lab[at]! / (cell * cell)
  }
  return means
}

function directions(lab: Float32Array, side: number, cells: number): Float32Array {
  const bins = new Float32Array(cells * cells * 4)
  const cell = side / cells
  for (let y = 1; y < side - 1; y++)
    for (let x = 1; x < side - 1; x++) {
      const across = lab[(y * side + x + 1) * 3]! - lab[(y * side + x - 1) * 3]!
      const down = lab[((y + 1) * side + x) * 3]! - lab[((y - 1) * side + x) * 3]!
      const turn = (Math.atan2(down, across) / Math.PI + 2 + 1 / 8) % 1
      const place = Math.floor(y / cell) * cells + Math.floor(x / cell)
      bins[place * 4 + Math.min(3, Math.floor(turn * 4))]! += Math.hypot(across, down)
    }
  return bins
}

function unit(values: Float32Array): Float32Array {
  const norm = Math.hypot(...values)
  return norm > 0 ? values.map((value) => value / norm) : values
}

/** sRGB bytes to CIE Lab under D65 (IEC 61966-2-1, CIE 15), L in 0..100; scaled to about -1..1, black at L = -0.5. */
function labOf(red: number, green: number, blue: number): [number, number, number] {
  const [r, g, b] = [linear(red), linear(green), linear(blue)]
  const x = cubeRoot((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505)
  const y = cubeRoot(0.2126 * r + 0.7152 * g + 0.0722 * b)
  const z = cubeRoot((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089)
  return [(116 * y - 16) / 100 - 0.5, (500 * (x - y)) / 100, (200 * (y - z)) / 100]
}

function linear(byte: number): number {
  const value = byte / 255
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
}

function cubeRoot(value: number): number {
  return value > 0.008856 ? Math.cbrt(value) : 7.787 * value + 16 / 116
}
