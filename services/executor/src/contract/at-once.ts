const limit = 16

/**
 * Maps values with up to 16 calls under way at once, enough to keep a disk busy, and gives the results in the values'
 * order. Ends with the first error.
 */
export async function* mapAtOnce<From, To>(
  values: AsyncIterable<From>,
  map: (value: From) => Promise<To>,
): AsyncGenerator<To> {
  const underWay: Promise<To>[] = []
  try {
    for await (const value of values) {
      const result = map(value)
      result.catch(() => {}) // thrown below, when its turn comes
      underWay.push(result)
      const first = underWay.length >= limit ? underWay.shift() : undefined
      if (first) yield await first
    }
    for (let first = underWay.shift(); first; first = underWay.shift()) yield await first
  } finally {
    await Promise.allSettled(underWay)
  }
}
