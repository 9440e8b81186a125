/** Hands out what comes some at a time, for work that is cheaper on many at once. */
export async function* groupsOf<T>(values: AsyncIterable<T>, length: number): AsyncGenerator<T[]> {
  let group: T[] = []
  for await (const value of values) {
    group.push(value)
    if (group.length < length) continue
    yield group
    group = []
  }
  if (group.length) yield group
}
