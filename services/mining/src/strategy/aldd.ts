import type { HeatMap } from './asset-details.ts'
import { binaryEntropy } from './uncertainty.ts'

export interface AlddOptions {
  /** Cells on each side of a cell that are its neighbours; 4: windows of 9 x 9. */
  readonly radius: number
  /** Side of the squares whose highest divergence counts, in cells. */
  readonly pool: number
}

export const alddOptions: AlddOptions = { radius: 4, pool: 32 }

/**
 * The idea of ALDD (Aghdam, Gonzalez-Garcia, van de Weijer & Lopez 2019, section 3): where neighbouring cells
 * contradict each other, the detector errs. Divergence of a cell = H(mean p over its window) - mean H(p) over it, nats,
 * summed over the maps; the maximum of each square, summed over squares. Highest first; 0 where each window is constant.
 * @throws RangeError when a map's values are not columns * rows, maps differ in size, or radius or pool is out of range
 */
export function localDivergence(maps: readonly HeatMap[], options: AlddOptions = alddOptions): number {
  const { radius, pool } = options
  if (!(radius >= 0 && pool >= 1)) throw new RangeError('radius below 0, or pool below 1')
  const [first] = maps
  if (!first) return 0
  const ofMaps = maps.map((map) => divergencesOf(map, first, radius))
  const highest = new Map<number, number>()
  for (let cell = 0; cell < first.values.length; cell++) {
    const { columns } = first
    const square = Math.floor(cell / columns / pool) * columns + Math.floor((cell % columns) / pool)
    const divergence = ofMaps.reduce((sum, cells) => sum + cells[cell]!, 0)
    highest.set(square, Math.max(highest.get(square) ?? 0, divergence))
  }
  return [...highest.values()].reduce((sum, one) => sum + one, 0)
}

/** Of each cell of a map. */
function divergencesOf({ columns, rows, values }: HeatMap, first: HeatMap, radius: number): Float64Array {
  if (values.length !== columns * rows || columns !== first.columns || rows !== first.rows)
    throw new RangeError(`heat map of ${values.length} values for ${first.columns} x ${first.rows} cells`)
  const means = windowMeans(values, columns, rows, radius)
  const entropies = windowMeans(
    values.map((p) => binaryEntropy([p])),
    columns,
    rows,
    radius,
  )
  return means.map((mean, cell) => binaryEntropy([Math.min(1, Math.max(0, mean))]) - entropies[cell]!)
}

/** Mean over a square window cut at the edges, by a summed-area table. */
function windowMeans(values: Float32Array, columns: number, rows: number, radius: number): Float64Array {
  const width = columns + 1
  const sums = new Float64Array(width * (rows + 1))
  for (let y = 0; y < rows; y++)
    for (let x = 0; x < columns; x++)
      sums[(y + 1) * width + x + 1] =
        values[y * columns + x]! +
        sums[y * width + x + 1]! +
        sums[(y + 1) * width + x]! -
        sums[y * width + x]!
  const means = new Float64Array(values.length)
  for (let y = 0; y < rows; y++)
    for (let x = 0; x < columns; x++) {
      const [left, right] = [Math.max(0, x - radius), Math.min(columns, x + radius + 1)]
      const [top, bottom] = [Math.max(0, y - radius), Math.min(rows, y + radius + 1)]
      const inside =
        sums[bottom * width + right]! -
        sums[top * width + right]! -
        sums[bottom * width + left]! +
        sums[top * width + left]!
      means[y * columns + x] = inside / ((right - left) * (bottom - top))
    }
  return means
}
