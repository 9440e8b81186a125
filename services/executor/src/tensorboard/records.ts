import { maskedCrc32c } from './crc32c.ts'

const LENGTH_BYTES = 8
const CHECKSUM_BYTES = 4
const HEADER_BYTES = LENGTH_BYTES + CHECKSUM_BYTES

/** A record longer than this is no scalar: it is passed over without being held in memory. */
export const longestRecordBytes = 16 * 2 ** 20

export interface RecordsRead {
  /** Payloads of whole records whose checksums fit. */
  readonly payloads: readonly Uint8Array[]
  /** Bytes done with; what follows is not complete yet. May lie behind the end: that many bytes are to be passed over. */
  readonly consumed: number
  /** Whether a length's checksum is wrong: nothing behind it can be read. */
  readonly corrupt: boolean
}

/**
 * Takes whole TFRecords from the start of the bytes: length (uint64), its masked checksum, payload, its masked checksum,
 * all little-endian (tensorflow/core/lib/io/record_writer.h). A payload whose checksum is wrong is left out.
 */
export function readRecords(bytes: Uint8Array): RecordsRead {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const payloads: Uint8Array[] = []
  let offset = 0
  while (offset + HEADER_BYTES <= bytes.length) {
    const lengthBytes = bytes.subarray(offset, offset + LENGTH_BYTES)
    if (view.getUint32(offset + LENGTH_BYTES, true) !== maskedCrc32c(lengthBytes))
      return { payloads, consumed: offset, corrupt: true }
    const length = Number(view.getBigUint64(offset, true))
    const end = offset + HEADER_BYTES + length + CHECKSUM_BYTES
    if (length > longestRecordBytes) return { payloads, consumed: end, corrupt: false }
    if (end > bytes.length) break
    const payload = bytes.subarray(offset + HEADER_BYTES, end - CHECKSUM_BYTES)
    if (view.getUint32(end - CHECKSUM_BYTES, true) === maskedCrc32c(payload)) payloads.push(payload)
    offset = end
  }
  return { payloads, consumed: offset, corrupt: false }
}
