import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Mask } from './mask.ts'

test('a secret is masked wherever it stands, as it is and in base64, alone or within more', () => {
  const mask = new Mask(['s3cret/t\u00f6ken?>', 'another'])
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  const masked = mask.text(
    [
      's3cret/töken?>',
      'xanotherx',
      base64('s3cret/töken?>'),
      base64('user:another@'),
      base64('k=another'),
    ].join(' '),
  )
  expect(masked).toMatch(/^\*\*\* x\*\*\*x \*\*\* \S+ \S+$/)
  for (const before of ['', 'a', 'ab'])
    for (const encoding of ['base64', 'base64url'] as const) {
      const encoded = Buffer.from(`${before}s3cret/töken?>${before}`).toString(encoding)
      expect(mask.text(encoded)).toContain('***')
      // six bits at each end may be shared with what stands beside it
      expect(mask.text(encoded).replace('***', '').replace(/=+$/, '').length).toBeLessThanOrEqual(8)
    }
})

test('of secrets within each other the longest is masked', () => {
  expect(new Mask(['secret', 'secret-of-old']).text('secret-of-old secret-of-new')).toBe('*** ***-of-new')
})

test('however a text is cut, what is masked is the same, and no more is held back than a secret may need', () => {
  const secrets = ['aaaaaa', 'aaaaaab', 'abcabc', 'b\u00e4\u00e4\u00e4r']
  const mask = new Mask(secrets)
  const pieces = fc.array(fc.constantFrom(...secrets, 'a', 'ab', 'abc', 'c', 'ä', 'b', ' '), {
    maxLength: 20,
  })
  fc.assert(
    fc.property(pieces, fc.array(fc.nat(40)), (parts, cuts) => {
      const bytes = Buffer.from(parts.join(''))
      const ends = [...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length]
      const masked: Buffer[] = []
      let used = 0
      for (const end of ends) {
        const some = mask.some(bytes.subarray(used, end))
        masked.push(some.masked)
        used += some.used
        expect(end - used).toBeLessThan(12)
      }
      masked.push(mask.all(bytes.subarray(used)))
      expect(Buffer.concat(masked).toString()).toBe(mask.text(bytes.toString()))
    }),
  )
})
