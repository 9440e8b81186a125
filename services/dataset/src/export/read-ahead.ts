/**
 * Values in their order, of which the next ones are being read already.
 * @param count how many are read at once
 * @param read undefined for a value that must be handed out before anything behind it is looked at
 */
export async function* readAhead<Value, Read>(
  values: AsyncIterable<Value>,
  count: number,
  read: (value: Value) => Promise<Read> | undefined,
): AsyncGenerator<{ readonly read: Read } | { readonly unread: Value }> {
  const waiting: Promise<Read>[] = []
  for await (const value of values) {
    const begun = read(value)
    begun?.catch(() => undefined) // it is thrown when its turn comes, if that comes
    if (begun) waiting.push(begun)
    while (waiting.length > (begun ? count - 1 : 0)) yield { read: await waiting.shift()! }
    if (!begun) yield { unread: value }
  }
  for (const begun of waiting) yield { read: await begun }
}
