import { describe, expect, it } from 'vitest'
import { ProtobufWriter, readFields } from './protobuf.ts'

describe('the protobuf writer', () => {
  it('writes the examples of the specification', () => {
    expect([...new ProtobufWriter().integer(1, 150).finish()]).toEqual([0x08, 0x96, 0x01])
    expect([...new ProtobufWriter().string(2, 'testing').finish()]).toEqual([
      0x12,
      7,
      ...Buffer.from('testing'),
    ])
    const nested = new ProtobufWriter().message(3, new ProtobufWriter().integer(1, 150))
    expect([...nested.finish()]).toEqual([0x1a, 3, 0x08, 0x96, 0x01])
  })

  it('writes -2 as ten bytes of two’s complement', () => {
    expect([...new ProtobufWriter().integer(1, -2).finish()]).toEqual([
      0x08,
      0xfe,
      ...Array<number>(8).fill(0xff),
      0x01,
    ])
  })
})

describe('the protobuf reader', () => {
  it('gives back what was written', () => {
    const message = new ProtobufWriter()
      .integer(20, 2n ** 40n)
      .float(3, 0.5)
      .double(4, 0.25)
      .string(5, 'é')
      .finish()
    const fields = [...readFields(message)]
    expect(fields.map(({ field, kind }) => [field, kind])).toEqual([
      [20, 'integer'],
      [3, 'fixed32'],
      [4, 'fixed64'],
      [5, 'bytes'],
    ])
    expect(fields[0]?.value).toBe(2n ** 40n)
    expect(fields[3]?.value).toEqual(new TextEncoder().encode('é'))
  })

  it('refuses a message that ends too early', () => {
    const message = new ProtobufWriter().string(1, 'testing').finish()
    expect(() => [...readFields(message.subarray(0, 5))]).toThrow(/ends within a field/)
  })
})
