import { type ArchivedFile, bytesOf, sizeOf } from './archived-file.ts'

const block = 512
const longestName = 100
/** The largest size in eleven octal digits. */
const largestOctal = 8 ** 11 - 1

/**
 * A tar archive (POSIX ustar) as a stream of bytes, equal for equal files: modified on 1 January 1970, owned by nobody.
 * Forty lines of our own, because the bytes must not change with a library's release.
 */
export async function* tarOf(files: AsyncIterable<ArchivedFile>): AsyncGenerator<Buffer> {
  for await (const file of files) {
    const size = sizeOf(file)
    yield headerOf(file.name, size)
    yield* bytesOf(file)
    const rest = size % block
    if (rest) yield Buffer.alloc(block - rest)
  }
  yield Buffer.alloc(2 * block)
}

function headerOf(name: string, size: number): Buffer {
  if (Buffer.byteLength(name) > longestName) throw new Error(`${name} is longer than tar allows`) // ours never are
  const header = Buffer.alloc(block)
  header.write(name, 0)
  writeOctal(header, 0o644, 100, 8)
  writeOctal(header, 0, 108, 8)
  writeOctal(header, 0, 116, 8)
  writeSize(header, size)
  writeOctal(header, 0, 136, 12)
  header.write(' '.repeat(8), 148) // the checksum counts as spaces
  header.write('0', 156)
  header.write('ustar\x0000', 257)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return header
}

/** Files of 8 GiB and more have their size in binary (GNU and POSIX.1-2001 readers know it by the first bit). */
function writeSize(header: Buffer, size: number) {
  if (size <= largestOctal) return writeOctal(header, size, 124, 12)
  header[124] = 0x80
  header.writeBigUInt64BE(BigInt(size), 128)
}

function writeOctal(header: Buffer, value: number, at: number, length: number) {
  header.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at)
}
