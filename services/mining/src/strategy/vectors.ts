/** Vectors of one length, one after the other, with their squared norms: rows of a matrix. */
export interface Vectors {
  readonly count: number
  readonly dimensions: number
  readonly values: Float32Array
  readonly squaredNorms: Float32Array
}

/** @throws RangeError when the rows differ in length */
export function vectorsOf(rows: readonly Float32Array[]): Vectors {
  const dimensions = rows[0]?.length ?? 0
  const values = new Float32Array(rows.length * dimensions)
  rows.forEach((row, index) => {
    if (row.length !== dimensions)
      throw new RangeError(`embedding ${index} has ${row.length} dimensions, the first has ${dimensions}`)
    values.set(row, index * dimensions)
  })
  return vectorsIn(values, dimensions)
}

/**
 * Takes the values as they are, without a copy.
 * @throws RangeError when they are no whole number of vectors
 */
export function vectorsIn(values: Float32Array, dimensions: number): Vectors {
  const count = dimensions > 0 ? values.length / dimensions : 0
  if (!Number.isInteger(count)) throw new RangeError(`${values.length} values, not vectors of ${dimensions}`)
  const squaredNorms = new Float32Array(count)
  for (let row = 0; row < count; row++)
    squaredNorms[row] = dot(values, row * dimensions, values, row * dimensions, dimensions)
  return { count, dimensions, values, squaredNorms }
}

/** Dot product of two runs of `length`; four sums at once, so that no addition waits for the last one. */
export function dot(a: Float32Array, fromA: number, b: Float32Array, fromB: number, length: number): number {
  let s0 = 0
  let s1 = 0
  let s2 = 0
  let s3 = 0
  let at = 0
  for (; at + 3 < length; at += 4) {
    s0 += a[fromA + at]! * b[fromB + at]!
    s1 += a[fromA + at + 1]! * b[fromB + at + 1]!
    s2 += a[fromA + at + 2]! * b[fromB + at + 2]!
    s3 += a[fromA + at + 3]! * b[fromB + at + 3]!
  }
  for (; at < length; at++) s0 += a[fromA + at]! * b[fromB + at]!
  return s0 + s1 + s2 + s3
}

/** Squared Euclidean distance of a row of `a` and a row of `b`, by |x|^2 + |y|^2 - 2 xy; never below 0. */
export function squaredDistance(a: Vectors, rowA: number, b: Vectors, rowB: number): number {
  const product = dot(a.values, rowA * a.dimensions, b.values, rowB * b.dimensions, a.dimensions)
  return Math.max(0, a.squaredNorms[rowA]! + b.squaredNorms[rowB]! - 2 * product)
}
