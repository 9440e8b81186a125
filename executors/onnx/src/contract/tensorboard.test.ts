import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { readFields } from '../protobuf.ts'
import { crc32c } from './crc32c.ts'
import { maskedChecksum, ScalarLog, tfRecord } from './tensorboard.ts'

const folder = mkdtempSync(join(tmpdir(), 'ymir-tensorboard-'))
afterAll(() => rmSync(folder, { recursive: true }))

const bytes = (...values: number[]) => Uint8Array.from(values)

describe('CRC-32C', () => {
  it('equals the examples of RFC 3720, appendix B.4', () => {
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa)
    expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43)
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e)
    expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283)
  })

  it('is masked as in TensorFlow: the checksum that stands after every record’s length of 24', () => {
    // the first twelve bytes of any event file whose version record is 24 bytes long
    expect(maskedChecksum(bytes(24, 0, 0, 0, 0, 0, 0, 0))).toBe(
      new DataView(bytes(0xa3, 0x7f, 0x4b, 0x22).buffer).getUint32(0, true),
    )
  })
})

/** Reads records as TensorBoard does: a wrong checksum is an error. */
function readRecords(file: Uint8Array): Uint8Array[] {
  const records: Uint8Array[] = []
  for (let offset = 0; offset < file.length;) {
    const view = new DataView(file.buffer, file.byteOffset + offset)
    const length = Number(view.getBigUint64(0, true))
    const payload = file.subarray(offset + 12, offset + 12 + length)
    expect(view.getUint32(8, true)).toBe(maskedChecksum(file.subarray(offset, offset + 8)))
    expect(view.getUint32(12 + length, true)).toBe(maskedChecksum(payload))
    records.push(payload)
    offset += 16 + length
  }
  return records
}

describe('an event file', () => {
  const log = new ScalarLog(join(folder, 'deep', 'tensorboard'))
  log.write(300, { 'val/mAP': 0.5, 'train/loss': 2 })
  const [name = ''] = readdirSync(join(folder, 'deep', 'tensorboard'))
  const records = readRecords(readFileSync(join(folder, 'deep', 'tensorboard', name)))
  const fields = (message: Uint8Array) =>
    new Map([...readFields(message)].map(({ field, value }) => [field, value]))
  const text = (value: bigint | Uint8Array | undefined) => new TextDecoder().decode(value as Uint8Array) // a bytes field

  it('has a name by which TensorBoard finds it', () => {
    expect(name).toMatch(/^events\.out\.tfevents\.\d+\./)
  })

  it('begins with the format’s version', () => {
    expect(text(fields(records[0] ?? bytes()).get(3))).toBe('brain.Event:2')
  })

  it('has the scalars under their tags, with step and time', () => {
    const event = fields(records[1] ?? bytes())
    expect(event.get(2)).toBe(300n)
    const time = event.get(1) as Uint8Array // a fixed64 field
    expect(new DataView(time.buffer, time.byteOffset).getFloat64(0, true)).toBeCloseTo(Date.now() / 1000, -2)
    const values = [...readFields(event.get(5) as Uint8Array)].map(({ value }) => fields(value as Uint8Array)) // messages
    expect(values.map((value) => text(value.get(1)))).toEqual(['val/mAP', 'train/loss'])
    const numbers = values.map((value) => value.get(2) as Uint8Array) // fixed32 fields
    expect(
      numbers.map((number) => new DataView(number.buffer, number.byteOffset).getFloat32(0, true)),
    ).toEqual([0.5, 2])
  })
})

it('a damaged record does not pass', () => {
  const record = tfRecord(bytes(1, 2, 3))
  record[13] = 9
  expect(() => readRecords(record)).toThrow()
})
