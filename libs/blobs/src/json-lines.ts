import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import type { BlobRef, Blobs } from './blobs.ts'

/** Reads JSON Lines one value at a time; empty lines are passed over. */
export async function* readJsonLines<T>(bytes: Readable): AsyncGenerator<T> {
  const lines = createInterface({ input: bytes, crlfDelay: Infinity })
  // readline does not forward its input's errors to the iterator
  const failed = new Promise<never>((_, reject) => bytes.once('error', reject))
  failed.catch(() => lines.close())
  for await (const line of lines) if (line) yield JSON.parse(line) as T // the writer is one of ours; T is its promise
  if (bytes.errored) throw bytes.errored
}

/** Stores values as JSON Lines, one a line, without holding them all. */
export function writeJsonLines(
  blobs: Blobs,
  values: Iterable<unknown> | AsyncIterable<unknown>,
): Promise<BlobRef> {
  return blobs.putStream(Readable.from(linesOf(values), { objectMode: false }))
}

const chunkLength = 64 * 1024

async function* linesOf(values: Iterable<unknown> | AsyncIterable<unknown>): AsyncGenerator<Buffer> {
  let text = ''
  for await (const value of values) {
    text += JSON.stringify(value) + '\n'
    if (text.length < chunkLength) continue
    yield Buffer.from(text)
    text = ''
  }
  if (text) yield Buffer.from(text)
}
