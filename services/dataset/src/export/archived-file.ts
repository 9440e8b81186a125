/** A file for an archive: its bytes, or its size and how to read them, more than once. */
export type ArchivedFile =
  | { readonly name: string; readonly bytes: Uint8Array }
  | { readonly name: string; readonly size: number; readonly read: () => AsyncIterable<Uint8Array> }

export function sizeOf(file: ArchivedFile): number {
  return 'bytes' in file ? file.bytes.length : file.size
}

/** @throws Error when there are other bytes than the size says: the archive would be broken from there on */
export async function* bytesOf(file: ArchivedFile): AsyncGenerator<Buffer> {
  if ('bytes' in file) return yield asBuffer(file.bytes)
  let length = 0
  for await (const chunk of file.read()) {
    length += chunk.length
    yield asBuffer(chunk)
  }
  if (length !== file.size)
    throw new Error(`${file.name} has ${length} bytes where ${file.size} were said; nothing more is written`)
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
