/**
 * TensorBoard event files: TFRecords of Event messages.
 * Sources: tensorflow/core/lib/io/record_writer.h, tensorflow/core/util/event.proto, framework/summary.proto.
 */
import { appendFileSync, mkdirSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { ProtobufWriter } from '../protobuf.ts'
import { crc32c } from './crc32c.ts'

export class ScalarLog {
  private readonly path: string

  /** Starts an event file of its own in the folder. */
  constructor(folder: string) {
    mkdirSync(folder, { recursive: true })
    const seconds = Math.floor(Date.now() / 1000)
    this.path = join(folder, `events.out.tfevents.${seconds}.${hostname()}.${process.pid}`)
    this.append(event().string(3, 'brain.Event:2'))
  }

  /** Writes scalars of one step together; they are on disk when this returns. */
  write(step: number, scalars: Readonly<Record<string, number>>): void {
    const summary = new ProtobufWriter()
    for (const [tag, value] of Object.entries(scalars))
      summary.message(1, new ProtobufWriter().string(1, tag).float(2, value))
    this.append(event().integer(2, step).message(5, summary))
  }

  private append(message: ProtobufWriter): void {
    appendFileSync(this.path, tfRecord(message.finish()))
  }
}

/** An Event begins with the wall time in seconds. */
function event(): ProtobufWriter {
  return new ProtobufWriter().double(1, Date.now() / 1000)
}

/** Length (uint64), its checksum, the payload, its checksum; all little-endian. */
export function tfRecord(payload: Uint8Array): Uint8Array {
  const record = new Uint8Array(16 + payload.length)
  const view = new DataView(record.buffer)
  view.setBigUint64(0, BigInt(payload.length), true)
  view.setUint32(8, maskedChecksum(record.subarray(0, 8)), true)
  record.set(payload, 12)
  view.setUint32(12 + payload.length, maskedChecksum(payload), true)
  return record
}

/** Rotated and shifted, because a checksum of data with checksums in them is weak (tensorflow/core/lib/hash/crc32c.h). */
export function maskedChecksum(bytes: Uint8Array): number {
  const crc = crc32c(bytes)
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0
}
