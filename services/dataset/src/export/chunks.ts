const chunkLength = 64 * 1024

/** The same bytes in fewer pieces: each costs a write to the network, which headers and small images are not worth. */
export async function* inChunks(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held: Buffer[] = []
  let length = 0
  for await (const piece of pieces) {
    held.push(piece)
    length += piece.length
    if (length < chunkLength) continue
    yield Buffer.concat(held, length)
    held = []
    length = 0
  }
  if (length) yield Buffer.concat(held, length)
}
