import { expect, test } from 'vitest'
import { ZipDirectory } from './zip-directory.ts'

test.each([0, 3, 50_000])('a directory of %d entries is read as it was written', async (count) => {
  const entries = Array.from({ length: count }, (_, n) => Buffer.from(`entry ${n} ${'x'.repeat(n % 40)}\n`))
  const directory = new ZipDirectory()
  try {
    for (const entry of entries) await directory.add(entry)
    const read: Buffer[] = []
    for await (const bytes of directory.read()) read.push(bytes)
    const whole = Buffer.concat(entries)
    expect(Buffer.concat(read).equals(whole)).toBe(true)
    expect(directory).toMatchObject({ count, length: whole.length })
  } finally {
    await directory.remove()
  }
})
